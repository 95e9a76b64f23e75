-- Public channels that users of the tenant read without taking part in them.
ALTER TABLE "conversations" ADD COLUMN "open_to_listeners" boolean DEFAULT false NOT NULL;
