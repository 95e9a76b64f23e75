/**
 * The commit from which an upgrade to this one is tested: the last version that was given out. With the next version it moves on;
 * what it does not know may then be dropped by a migration.
 */
export const PREVIOUS = '156ef480f7103a3ae6716c5f80468c81d5bb370c';
