-- no transaction
-- Messages of which it is not known yet whom `here` mentions.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "mentions_here_open" ON "mentions" USING btree ("conversation_id", "seq") WHERE user_id = '00000000-0000-0000-0000-000000000000' AND scope = 'here';
