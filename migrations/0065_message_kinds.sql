CREATE TABLE "message_kinds" (
  "tenant_id" uuid NOT NULL,
  "name" text NOT NULL,
  "schema" json NOT NULL,
  "version" uuid NOT NULL,
  "changed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "message_kinds_tenant_id_name_pk" PRIMARY KEY ("tenant_id", "name")
);
