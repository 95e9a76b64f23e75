-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "participants_admins" ON "participants" USING btree ("conversation_id","joined_at") WHERE role <> 'member';
--> statement-breakpoint
-- Who creates users has them added to the default channels.
DROP TRIGGER IF EXISTS users_default_channels ON users;
--> statement-breakpoint
DROP FUNCTION IF EXISTS add_to_default_channels();
