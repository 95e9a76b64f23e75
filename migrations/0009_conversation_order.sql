-- A user's conversations are listed by activity. What sorts them stands on the membership, so that a page is a range of an
-- index (0010); a background task raises it now and then, not with every message, and the list puts the exact order into
-- the pieces that it reads. The column needs no rewrite.
ALTER TABLE "participants" ADD COLUMN IF NOT EXISTS "active_at" timestamp (3) with time zone DEFAULT now() NOT NULL;
