import { ChatError, type ErrorCode } from '@messagecore/protocol';
import { type ConversationKind, type Role } from '@messagecore/protocol/features';
import { describe, expect, test } from 'vitest';
import {
  checkMayAdd,
  checkMayChange,
  checkMayDelete,
  checkMayGiveRole,
  checkMayJoin,
  checkMayLeave,
  checkMayRestrict,
  checkMaySee,
} from './permissions.ts';
import type { Standing } from './standing.ts';

type Verdict = 'yes' | ErrorCode;

function verdict(check: () => void): Verdict {
  try {
    check();
    return 'yes';
  } catch (error) {
    if (error instanceof ChatError) return error.code;
    throw error;
  }
}

const KINDS: readonly ConversationKind[] = ['dm', 'group', 'private', 'public'];
const STANDINGS: readonly Standing[] = [null, 'member', 'admin', 'owner', 'service'];

/** One row a kind, one column a standing in the order of STANDINGS. */
function table(check: (kind: ConversationKind, standing: Standing) => void): Record<string, Verdict[]> {
  return Object.fromEntries(
    KINDS.map((kind) => [kind, STANDINGS.map((standing) => verdict(() => check(kind, standing)))]),
  );
}

const [out, no, yes] = ['not_member', 'forbidden', 'yes'] as const;

describe('[CONV-5] who may do what, every kind by every standing (outsider, member, admin, owner, back end)', () => {
  test('see', () => {
    expect(table((kind, standing) => checkMaySee(kind, standing))).toEqual({
      dm: [out, yes, yes, yes, yes],
      group: [out, yes, yes, yes, yes],
      private: [out, yes, yes, yes, yes],
      public: [yes, yes, yes, yes, yes],
    });
  });

  test('change metadata', () => {
    expect(table((kind, standing) => checkMayChange(kind, standing, false))).toEqual({
      dm: [out, yes, yes, yes, yes],
      group: [out, yes, yes, yes, yes],
      private: [out, no, yes, yes, yes],
      public: [out, no, yes, yes, yes],
    });
  });

  test('rename', () => {
    expect(table((kind, standing) => checkMayChange(kind, standing, true))).toEqual({
      dm: [out, no, no, no, no],
      group: [out, yes, yes, yes, yes],
      private: [out, no, yes, yes, yes],
      public: [out, no, yes, yes, yes],
    });
  });

  test('delete', () => {
    expect(table((kind, standing) => checkMayDelete(kind, standing))).toEqual({
      dm: [out, no, no, no, yes],
      group: [out, no, no, yes, yes],
      private: [out, no, no, yes, yes],
      public: [out, no, no, yes, yes],
    });
  });

  test('add members', () => {
    expect(table((kind, standing) => checkMayAdd(kind, standing, 'member'))).toEqual({
      dm: [out, no, no, no, no],
      group: [out, yes, yes, yes, yes],
      private: [out, no, yes, yes, yes],
      public: [out, yes, yes, yes, yes],
    });
  });

  test('add admins', () => {
    expect(table((kind, standing) => checkMayAdd(kind, standing, 'admin'))).toEqual({
      dm: [out, no, no, no, no],
      group: [out, no, no, yes, yes],
      private: [out, no, no, yes, yes],
      public: [out, no, no, yes, yes],
    });
  });

  test('leave', () => {
    expect(table((kind, standing) => checkMayLeave(kind, standing))).toEqual({
      dm: [out, no, no, no, no],
      group: [out, yes, yes, yes, yes],
      private: [out, yes, yes, yes, yes],
      public: [out, yes, yes, yes, yes],
    });
  });

  test('join', () => {
    expect(KINDS.map((kind) => verdict(() => checkMayJoin(kind)))).toEqual([out, out, out, yes]);
  });
});

describe('[CONV-3] standing above another participant', () => {
  const TARGETS: readonly Role[] = ['member', 'admin', 'owner'];
  const row = (check: (target: Role) => void) => TARGETS.map((target) => verdict(() => check(target)));

  test('remove or mute a member, an admin, the owner', () => {
    const of = (standing: Standing) => row((target) => checkMayRestrict('group', standing, target));
    expect(of(null)).toEqual([out, out, out]);
    expect(of('member')).toEqual([no, no, no]);
    expect(of('admin')).toEqual([yes, no, no]);
    expect(of('owner')).toEqual([yes, yes, no]);
    expect(of('service')).toEqual([yes, yes, yes]);
    expect(row((target) => checkMayRestrict('dm', 'member', target))).toEqual([no, no, no]);
  });

  test('give a role to a member, an admin, the owner', () => {
    const of = (standing: Standing, role: Role) => row((target) => checkMayGiveRole('private', standing, target, role));
    expect(of('admin', 'admin')).toEqual([no, no, no]);
    expect(of('owner', 'admin')).toEqual([yes, yes, no]);
    expect(of('owner', 'owner')).toEqual([yes, yes, yes]);
    expect(of(null, 'admin')).toEqual([out, out, out]);
    expect(row((target) => checkMayGiveRole('dm', 'service', target, 'admin'))).toEqual([no, no, no]);
  });
});
