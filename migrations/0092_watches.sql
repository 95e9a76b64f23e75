-- Conversations and users that are traced and logged in full, each until its time is over.
ALTER TABLE "system_settings" ADD COLUMN "watches" jsonb NOT NULL DEFAULT '[]';
