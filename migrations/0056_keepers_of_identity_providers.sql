-- Those that are there were made by the operator.
ALTER TABLE "identity_providers" ADD COLUMN "kept_by" text DEFAULT 'operator' NOT NULL CHECK ("kept_by" in ('operator', 'tenant'));
