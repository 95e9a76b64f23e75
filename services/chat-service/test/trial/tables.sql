create table trial_ticks (scheduled_for timestamptz not null);
create table trial_effects (tick timestamptz not null, n integer not null);
create table trial_bookings (tick timestamptz not null, piece integer not null);

-- When each tick was put in the queue: after that moment the schedule's next one is due.
create table trial_enqueued (scheduled_for timestamptz not null, at timestamptz not null);
create function note_tick() returns trigger language plpgsql as $$
begin
  insert into trial_enqueued values ((new.payload ->> 'scheduledFor')::timestamptz, new.created_at);
  return null;
end
$$;
create trigger note_tick after insert on jobs for each row when (new.kind = 'trial tick') execute function note_tick();
