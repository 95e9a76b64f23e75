-- no transaction
-- The identity provider by which a user came in: its end is that of the sign-in.
ALTER TABLE "sign_ins" ADD COLUMN IF NOT EXISTS "provider_id" text;--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "sign_ins_provider" ON "sign_ins" USING btree ("tenant_id","provider_id") WHERE provider_id is not null;--> statement-breakpoint
-- A sign-up, which anybody may ask for, replaces no invitation.
ALTER TABLE "account_tokens" DROP CONSTRAINT IF EXISTS "account_tokens_purpose", ADD CONSTRAINT "account_tokens_purpose" CHECK ("purpose" in ('confirm', 'invitation', 'reset')) NOT VALID;--> statement-breakpoint
ALTER TABLE "account_tokens" VALIDATE CONSTRAINT "account_tokens_purpose";
