-- Which stored messages belong to recorded traces, as mid=traceparent separated by commas. The statement that stores them says
-- so by a setting of its transaction, and only where there are any: whatever writes a row need not know of it.
ALTER TABLE "outbox" ADD COLUMN "traces" text;
--> statement-breakpoint
ALTER TABLE "outbox" ALTER COLUMN "traces" SET DEFAULT nullif(current_setting('messagecore.traces', true), '');
