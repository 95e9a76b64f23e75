/**
 * Which of a plan's scans are not bound to the distribution key. A scan is bound when its `conversation_id` must equal a
 * value (a parameter, an element of an array, what a function or another kind of table gave), or that of a scan which is bound.
 *
 * What a condition of a scan says holds for the table scanned. What a condition of a join says holds for both sides of an
 * inner join, and in an outer join for the side that may be missing alone.
 */
import { type Node, parseSync } from 'libpg-query';

export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  /** Its own in the whole plan. */
  readonly Alias?: string;
  readonly 'Join Type'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Recheck Cond'?: string;
  readonly Filter?: string;
  readonly 'Hash Cond'?: string;
  readonly 'Merge Cond'?: string;
  readonly 'Join Filter'?: string;
  readonly Plans?: readonly PlanNode[];
}

const KEY = 'conversation_id';

interface Scan {
  readonly table: string;
  readonly alias: string;
}

/** `alias.conversation_id` equals something, which binds it if `by` is nothing, or an alias that is bound. */
interface Binding {
  readonly alias: string;
  readonly by: string | undefined;
}

/** The tables, each once. `distributed` are the tables that have shards. */
export function unboundTables(plan: PlanNode, distributed: ReadonlySet<string>): readonly string[] {
  const scans = scansOf(plan, distributed);
  const aliases = new Set(scans.map(({ alias }) => alias));
  const bindings = bindingsOf(plan, aliases);
  const bound = new Set<string>();
  for (let before = -1; before < bound.size;) {
    before = bound.size;
    for (const { alias, by } of bindings) if (by === undefined || bound.has(by)) bound.add(alias);
  }
  return [...new Set(scans.filter(({ alias }) => !bound.has(alias)).map(({ table }) => table))].toSorted();
}

/** Tables that a plan reads or writes, of whatever placement. */
export function tablesOf(plan: PlanNode): readonly string[] {
  const own = plan['Relation Name'];
  const below = (plan.Plans ?? []).flatMap(tablesOf);
  return [...new Set(own === undefined ? below : [own, ...below])];
}

/** A row that is inserted has its key: the column is a part of the primary key. */
function scansOf(node: PlanNode, distributed: ReadonlySet<string>): Scan[] {
  const { 'Relation Name': table, Alias: alias, 'Node Type': type } = node;
  const below = (node.Plans ?? []).flatMap((child) => scansOf(child, distributed));
  if (table === undefined || alias === undefined || type === 'ModifyTable' || !distributed.has(table)) return below;
  return [{ table, alias }, ...below];
}

function bindingsOf(node: PlanNode, aliases: ReadonlySet<string>): Binding[] {
  const own = node['Relation Name'] === undefined ? bindingsOfJoin(node, aliases) : bindingsOfScan(node, aliases);
  return [...own, ...(node.Plans ?? []).flatMap((child) => bindingsOf(child, aliases))];
}

function bindingsOfScan(node: PlanNode, aliases: ReadonlySet<string>): Binding[] {
  const conditions = [node['Index Cond'], node['Recheck Cond'], node.Filter];
  return conditions.flatMap((text) => bindingsIn(text, aliases)).filter(({ alias }) => alias === node.Alias);
}

/** Types of joins by which of their two inputs are bound by the condition. */
const BOUND_INPUTS: Readonly<Record<string, readonly number[]>> = {
  Inner: [0, 1],
  Semi: [0, 1],
  'Right Semi': [0, 1],
  Left: [1],
  Anti: [1],
  Right: [0],
  'Right Anti': [0],
};

function bindingsOfJoin(node: PlanNode, aliases: ReadonlySet<string>): Binding[] {
  const { 'Join Type': type, Plans: inputs = [] } = node;
  if (type === undefined) return [];
  const open = (BOUND_INPUTS[type] ?? []).flatMap((n) => inputs[n] ?? []);
  const mayBind = new Set(open.flatMap(aliasesBelow));
  return [node['Hash Cond'], node['Merge Cond'], node['Join Filter']]
    .flatMap((text) => bindingsIn(text, aliases))
    .filter(({ alias }) => mayBind.has(alias));
}

function aliasesBelow(node: PlanNode): string[] {
  const below = (node.Plans ?? []).flatMap(aliasesBelow);
  return node.Alias === undefined ? below : [node.Alias, ...below];
}

/** Of a condition, both ways; nothing of a part that does not hold by itself, as one in an OR. */
function bindingsIn(text: string | undefined, aliases: ReadonlySet<string>): Binding[] {
  if (text === undefined) return [];
  return conjuncts(parsed(text)).flatMap((part) => {
    if (!('A_Expr' in part)) return [];
    const { kind, name, lexpr: left, rexpr: right } = part.A_Expr;
    if (operatorOf(name) !== '=' || left === undefined || right === undefined) return [];
    if (kind === 'AEXPR_OP_ANY') return bindingBy(left, right, aliases);
    return kind === 'AEXPR_OP' ? [...bindingBy(left, right, aliases), ...bindingBy(right, left, aliases)] : [];
  });
}

function bindingBy(key: Node, value: Node, aliases: ReadonlySet<string>): Binding[] {
  const [alias, column] = columnOf(key);
  if (alias === undefined || !aliases.has(alias) || column !== KEY) return [];
  const others = columnsIn(value).filter(([other]) => other !== undefined && aliases.has(other));
  if (others.length === 0) return [{ alias, by: undefined }];
  const [by, ofOther] = columnOf(value);
  return by !== undefined && ofOther === KEY ? [{ alias, by }] : [];
}

/** What plans write that is no SQL: the results of other parts of the plan. */
const PARTS_OF_PLAN = /\(?\b(?:hashed )?(?:Init|Sub)Plan \d+\)?(?:\.col\d+)?/g;

/** A condition that the grammar does not know binds nothing. */
function parsed(text: string): Node | undefined {
  try {
    const { stmts } = parseSync(`select where ${text.replace(PARTS_OF_PLAN, '(null)')}`);
    const statement = stmts?.[0]?.stmt;
    return statement !== undefined && 'SelectStmt' in statement ? statement.SelectStmt.whereClause : undefined;
  } catch {
    return undefined;
  }
}

function conjuncts(node: Node | undefined): Node[] {
  if (node === undefined) return [];
  if (!('BoolExpr' in node)) return [node];
  const { boolop, args = [] } = node.BoolExpr;
  return boolop === 'AND_EXPR' ? args.flatMap(conjuncts) : [];
}

function operatorOf(name: readonly Node[] | undefined): string | undefined {
  const last = name?.at(-1);
  return last !== undefined && 'String' in last ? last.String.sval : undefined;
}

type Column = readonly [alias: string | undefined, column: string | undefined];

function columnOf(node: Node): Column {
  if ('TypeCast' in node && node.TypeCast.arg !== undefined) return columnOf(node.TypeCast.arg);
  if (!('ColumnRef' in node)) return [undefined, undefined];
  const [alias, column] = (node.ColumnRef.fields ?? []).map((field) => operatorOf([field]));
  return [alias, column];
}

function columnsIn(node: unknown): Column[] {
  if (typeof node !== 'object' || node === null) return [];
  if ('ColumnRef' in node) return [columnOf(node as Node)];
  return Object.values(node).flatMap(columnsIn);
}
