ALTER TABLE "message_edits" ADD COLUMN "head" bigint;
