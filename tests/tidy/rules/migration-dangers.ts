/** What stops traffic while a migration runs, or what the version before it cannot live with: one entry a danger. */
import type { AlterTableCmd, ColumnDef, Constraint, Node } from 'libpg-query';
import type { Statement } from '../sql.ts';

/** A file of `migrations/`. */
export interface Migration {
  readonly statements: readonly Statement[];
  /** Begins with `-- no transaction`: each statement is applied by itself, and all of them again after a failure. */
  readonly apart: boolean;
  /** Tables that the file makes: they have no rows, and nobody uses them yet. */
  readonly made: ReadonlySet<string>;
}

export interface Danger {
  readonly name: string;
  readonly advice: string;
  readonly isIn: (statement: Statement, migration: Migration) => boolean;
}

export const DANGERS: readonly Danger[] = [
  {
    name: 'index-concurrently',
    advice:
      'locks the table against writes while it works: CONCURRENTLY, in a file of its own that begins with "-- no transaction"',
    isIn: ({ node }, { made }) =>
      ('IndexStmt' in node &&
        node.IndexStmt.concurrent !== true &&
        !made.has(node.IndexStmt.relation?.relname ?? '')) ||
      ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_INDEX' && node.DropStmt.concurrent !== true) ||
      ('ReindexStmt' in node && !isConcurrent(node.ReindexStmt.params)) ||
      ('RefreshMatViewStmt' in node && node.RefreshMatViewStmt.concurrent !== true),
  },
  {
    name: 'concurrently-apart',
    advice: 'cannot run in a transaction: begin the file with "-- no transaction"',
    isIn: ({ node }, { apart }) =>
      !apart &&
      (('IndexStmt' in node && node.IndexStmt.concurrent === true) ||
        ('DropStmt' in node && node.DropStmt.concurrent === true) ||
        ('ReindexStmt' in node && isConcurrent(node.ReindexStmt.params))),
  },
  {
    name: 'repeatable',
    advice: 'fails when the file is applied again after a failure further down: IF NOT EXISTS, IF EXISTS',
    isIn: ({ node }, { apart }) => apart && !mayBeRepeated(node),
  },
  {
    name: 'column-without-default',
    advice: 'fails on a table with rows: add the column with a constant DEFAULT, or without NOT NULL',
    isIn: (statement, migration) =>
      newColumns(statement, migration).some(
        (column) => has(column, 'CONSTR_NOTNULL') && !FILLED.some((type) => has(column, type)),
      ),
  },
  {
    name: 'column-rewrites',
    advice: 'writes every row of the table anew under a lock: add the column empty, and fill it by a back-fill',
    isIn: (statement, migration) =>
      newColumns(statement, migration).some(
        (column) => typeOf(column).endsWith('serial') || constraintsOf(column).some(rewrites),
      ),
  },
  {
    name: 'column-constraint',
    advice: 'reads the whole table under a lock, or builds an index: add the constraint NOT VALID, or USING INDEX',
    isIn: (statement, migration) =>
      newColumns(statement, migration).some((column) =>
        ['CONSTR_CHECK', 'CONSTR_UNIQUE', 'CONSTR_PRIMARY'].some((type) => has(column, type)),
      ),
  },
  {
    name: 'column-type',
    advice: 'writes every row of the table anew under a lock: add a new column and fill it by a back-fill',
    isIn: commandIn('AT_AlterColumnType', 'AT_SetTableSpace', 'AT_SetLogged', 'AT_SetUnLogged', 'AT_SetAccessMethod'),
  },
  {
    name: 'set-not-null',
    advice:
      'reads the whole table under a lock: add CHECK (… IS NOT NULL) NOT VALID and validate it in another migration',
    isIn: commandIn('AT_SetNotNull'),
  },
  {
    name: 'constraint-not-valid',
    advice:
      'reads the whole table under a lock: add it NOT VALID and validate it in another migration, or make it USING INDEX',
    isIn: (statement, migration) =>
      newConstraints(statement, migration).some(
        ({ skip_validation: unchecked, indexname }) => unchecked !== true && indexname === undefined,
      ),
  },
  {
    name: 'validate-apart',
    advice:
      'reads the whole table under the lock that the constraint was added with: validate it in a later file, or one that begins with "-- no transaction"',
    isIn: (statement, migration) =>
      !migration.apart &&
      commandIn('AT_ValidateConstraint')(statement, migration) &&
      migration.statements.some((other) => newConstraints(other, migration).length > 0),
  },
  {
    name: 'still-needed',
    advice:
      'is needed by the version that still runs: drop it one version after the code stopped using it, and say so in EXEMPT',
    isIn: (statement, migration) =>
      ('DropStmt' in statement.node && statement.node.DropStmt.removeType !== 'OBJECT_INDEX') ||
      commandIn('AT_DropColumn')(statement, migration),
  },
  {
    name: 'rename',
    advice: 'breaks the version that still runs: add the new name, copy, and drop the old one later',
    isIn: ({ node }, { made }) =>
      ('RenameStmt' in node && !made.has(node.RenameStmt.relation?.relname ?? '')) || 'AlterObjectSchemaStmt' in node,
  },
  {
    name: 'rows-by-job',
    advice: 'changes rows without a bound in one transaction: a back-fill does it, in batches',
    isIn: ({ node }, { made }) => {
      const table = changed(node);
      return table !== undefined && !made.has(table);
    },
  },
  {
    name: 'table-lock',
    advice: 'locks the table for as long as it works',
    isIn: ({ node }) =>
      'LockStmt' in node ||
      'ClusterStmt' in node ||
      'TruncateStmt' in node ||
      ('VacuumStmt' in node && (node.VacuumStmt.options ?? []).some((option) => nameOf(option) === 'full')),
  },
  {
    name: 'one-table-locked',
    advice:
      'holds the lock of another table until the file ends, so that senders and the migration can wait for each other: a file for each table',
    isIn: (statement, { apart, statements, made }) => {
      const mine = statement.node;
      const before = statements.slice(0, statements.indexOf(statement)).flatMap(({ node }) => locked(node));
      const first = before.find((table) => !made.has(table));
      return !apart && first !== undefined && locked(mine).some((table) => !made.has(table) && table !== first);
    },
  },
  {
    name: 'own-time-out',
    advice: 'changes how long the migration may wait for locks: the program that applies it says so',
    isIn: ({ node, text }) =>
      ('VariableSetStmt' in node && TIME_OUTS.test(node.VariableSetStmt.name ?? 'lock_timeout')) ||
      ('SelectStmt' in node && /\bset_config\b/i.test(text)) ||
      'AlterRoleSetStmt' in node ||
      'AlterDatabaseSetStmt' in node,
  },
  {
    name: 'hidden-statements',
    advice: 'hides what it does from these rules: write the statements themselves',
    isIn: ({ node }) => 'DoStmt' in node || 'CallStmt' in node,
  },
];

const TIME_OUTS = /^(?:lock|statement|transaction|deadlock)_timeout$/;

/** What a `NOT NULL` column may be filled with when it is added. */
const FILLED = ['CONSTR_DEFAULT', 'CONSTR_IDENTITY', 'CONSTR_GENERATED'];

/** Functions that are computed once for all rows. */
const ONCE = new Set(['now', 'transaction_timestamp', 'statement_timestamp', 'pg_backend_pid']);

function commandIn(...types: readonly string[]): Danger['isIn'] {
  return (statement, migration) =>
    commands(statement, migration).some(({ subtype }) => subtype !== undefined && types.includes(subtype));
}

/** What is done to a table that was there before. */
function commands({ node }: Statement, { made }: Migration): AlterTableCmd[] {
  if (!('AlterTableStmt' in node) || made.has(node.AlterTableStmt.relation?.relname ?? '')) return [];
  return (node.AlterTableStmt.cmds ?? []).flatMap((command) =>
    'AlterTableCmd' in command ? [command.AlterTableCmd] : [],
  );
}

function newColumns(statement: Statement, migration: Migration): ColumnDef[] {
  return commands(statement, migration).flatMap(({ subtype, def }) =>
    subtype === 'AT_AddColumn' && def !== undefined && 'ColumnDef' in def ? [def.ColumnDef] : [],
  );
}

function newConstraints(statement: Statement, migration: Migration): Constraint[] {
  return commands(statement, migration).flatMap(({ subtype, def }) =>
    subtype === 'AT_AddConstraint' && def !== undefined && 'Constraint' in def ? [def.Constraint] : [],
  );
}

function constraintsOf({ constraints = [] }: ColumnDef): Constraint[] {
  return constraints.flatMap((constraint) => ('Constraint' in constraint ? [constraint.Constraint] : []));
}

function has(column: ColumnDef, type: string): boolean {
  return constraintsOf(column).some(({ contype }) => contype === type);
}

function typeOf({ typeName }: ColumnDef): string {
  const last = typeName?.names?.at(-1);
  return last !== undefined && 'String' in last ? (last.String.sval ?? '') : '';
}

/** A default that is not the same for every row, or a value that is computed from the row. */
function rewrites({ contype, raw_expr: value }: Constraint): boolean {
  if (contype === 'CONSTR_IDENTITY' || contype === 'CONSTR_GENERATED') return true;
  return contype === 'CONSTR_DEFAULT' && value !== undefined && !isConstant(value);
}

function isConstant(value: Node): boolean {
  if ('TypeCast' in value) return value.TypeCast.arg !== undefined && isConstant(value.TypeCast.arg);
  if ('A_ArrayExpr' in value) return (value.A_ArrayExpr.elements ?? []).every(isConstant);
  if ('FuncCall' in value) return ONCE.has(lastName(value.FuncCall.funcname));
  return 'A_Const' in value || 'SQLValueFunction' in value;
}

function lastName(names: readonly Node[] = []): string {
  const last = names.at(-1);
  return last !== undefined && 'String' in last ? (last.String.sval ?? '') : '';
}

function mayBeRepeated(node: Node): boolean {
  if ('IndexStmt' in node) return node.IndexStmt.if_not_exists === true;
  if ('CreateStmt' in node) return node.CreateStmt.if_not_exists === true;
  if ('DropStmt' in node) return node.DropStmt.missing_ok === true;
  if ('CreateFunctionStmt' in node) return node.CreateFunctionStmt.replace === true;
  if ('CreateTrigStmt' in node) return node.CreateTrigStmt.replace === true;
  if (!('AlterTableStmt' in node)) return true;
  const all = (node.AlterTableStmt.cmds ?? []).flatMap((command) =>
    'AlterTableCmd' in command ? [command.AlterTableCmd] : [],
  );
  // A constraint that the same statement drops before is added again.
  const replaced = all.some(({ subtype, missing_ok: ok }) => subtype === 'AT_DropConstraint' && ok === true);
  return all.every(({ subtype, missing_ok: ok }) => {
    if (subtype === 'AT_AddConstraint') return replaced;
    return !/^AT_(?:Add|Drop)/.test(subtype ?? '') || ok === true;
  });
}

/** The table whose rows a statement changes. A row that it names itself is bounded. */
function changed(node: Node): string | undefined {
  if ('UpdateStmt' in node) return node.UpdateStmt.relation?.relname;
  if ('DeleteStmt' in node) return node.DeleteStmt.relation?.relname;
  if ('MergeStmt' in node) return node.MergeStmt.relation?.relname;
  if (!('InsertStmt' in node)) return undefined;
  const source = node.InsertStmt.selectStmt;
  const isBounded = source !== undefined && 'SelectStmt' in source && source.SelectStmt.valuesLists !== undefined;
  return isBounded ? undefined : node.InsertStmt.relation?.relname;
}

/** Commands that lock out neither reads nor writes. */
const GENTLE = new Set(['AT_ValidateConstraint', 'AT_SetRelOptions', 'AT_ResetRelOptions', 'AT_SetStatistics']);

/** Tables that a statement locks against writes, if only for an instant. */
function locked(node: Node): string[] {
  if ('AlterTableStmt' in node) {
    const isGentle = (node.AlterTableStmt.cmds ?? []).every(
      (command) => 'AlterTableCmd' in command && GENTLE.has(command.AlterTableCmd.subtype ?? ''),
    );
    return isGentle ? [] : [node.AlterTableStmt.relation?.relname ?? ''];
  }
  if ('CreateTrigStmt' in node) return [node.CreateTrigStmt.relation?.relname ?? ''];
  return [];
}

function isConcurrent(params: readonly Node[] = []): boolean {
  return params.some((param) => nameOf(param) === 'concurrently');
}

function nameOf(option: Node): string {
  return 'DefElem' in option ? (option.DefElem.defname ?? '') : '';
}
