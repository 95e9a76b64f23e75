/** The replication slot of `mc archive`: PostgreSQL keeps the WAL that it has not got yet. */
export const SLOT = 'messagecore_archive';
