ALTER TABLE "messages" ADD COLUMN "pinned_at" timestamp (3) with time zone;
