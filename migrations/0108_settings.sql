-- Settings of services that an operator changed while these run, by name, as the environment would say them.
ALTER TABLE "system_settings" ADD COLUMN "settings" jsonb NOT NULL DEFAULT '{}';
