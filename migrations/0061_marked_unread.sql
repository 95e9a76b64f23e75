ALTER TABLE "participants" ADD COLUMN "unread_mark" bigint;
