import { useCallback, useState } from 'react';
import { dateOf } from '../chat/format.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { ActionButton } from './action-button.tsx';
import { Banned } from './banned.tsx';
import { mayGovern } from './may.ts';
import type { RoomProps } from './members.tsx';
import { Pages } from './pages.tsx';
import { PersonRow } from './person-row.tsx';

/** Links, invitations and requests to join. */
export function WaysIn({ chat, conversation }: RoomProps) {
  const texts = useTexts();
  return (
    <>
      {mayGovern(conversation.info) && <Requests chat={chat} conversation={conversation} />}
      <Address cid={conversation.cid} />
      <h3>{texts.links}</h3>
      <Links chat={chat} conversation={conversation} />
      <h3>{texts.openInvitations}</h3>
      <Invited chat={chat} conversation={conversation} />
      {mayGovern(conversation.info) && <Banned chat={chat} conversation={conversation} />}
    </>
  );
}

/** Lets nobody in: those who take part are led here, others may ask. */
function Address({ cid }: { readonly cid: string }) {
  const texts = useTexts();
  const address = `${location.origin}${location.pathname}#room=${cid}`;
  return (
    <>
      <h3>{texts.address}</h3>
      <p className="made-link">
        <output>{address}</output>
        <ActionButton text={texts.copy} label={texts.copyAddress} work={() => navigator.clipboard.writeText(address)} />
        <small>{texts.addressHint}</small>
      </p>
    </>
  );
}

function Links({ chat: { client }, conversation: { cid } }: RoomProps) {
  const texts = useTexts();
  const language = useLanguage();
  const [made, setMade] = useState<string>();
  const load = useCallback(
    (cursor: string | undefined) => client.call('links.list', { cid, ...(cursor !== undefined && { cursor }) }),
    // A link that was made is read with the others.
    [client, cid, made],
  );
  const make = async () => {
    const { code } = await client.call('links.create', { cid });
    setMade(`${location.origin}${location.pathname}#link=${code}`);
  };
  return (
    <>
      {made !== undefined && (
        <p className="made-link">
          <output>{made}</output>
          <ActionButton text={texts.copy} work={() => navigator.clipboard.writeText(made)} />
          <small>{texts.linkOnce}</small>
        </p>
      )}
      <Pages label={texts.links} load={load} keyOf={({ linkId }) => linkId} none={texts.noLinks}>
        {({ linkId, expiresAt, uses, createdBy }, reload) => (
          <div className="person">
            <span className="person-name">
              <bdi>{createdBy?.displayName ?? texts.backEnd}</bdi>
              <small>{texts.linkState(uses, dateOf(expiresAt, language))}</small>
            </span>
            <ActionButton
              text={texts.revoke}
              work={() => client.call('links.revoke', { cid, linkId })}
              onDone={reload}
            />
          </div>
        )}
      </Pages>
      <ActionButton text={texts.makeLink} work={make} />
    </>
  );
}

function Invited({ chat: { client }, conversation: { cid } }: RoomProps) {
  const texts = useTexts();
  const load = useCallback(
    (cursor: string | undefined) => client.call('invitations.list', { cid, ...(cursor !== undefined && { cursor }) }),
    [client, cid],
  );
  return (
    <Pages label={texts.openInvitations} load={load} keyOf={({ user }) => user.userId} none={texts.nobodyInvited}>
      {({ user }, reload) => (
        <PersonRow id={user.userId} name={user.displayName}>
          <ActionButton
            text={texts.takeBack}
            work={() => client.call('invitations.revoke', { cid, user: user.userId })}
            onDone={reload}
          />
        </PersonRow>
      )}
    </Pages>
  );
}

function Requests({ chat: { client }, conversation: { cid } }: RoomProps) {
  const texts = useTexts();
  const load = useCallback(
    (cursor: string | undefined) => client.call('joinRequests.list', { cid, ...(cursor !== undefined && { cursor }) }),
    [client, cid],
  );
  return (
    <>
      <h3>{texts.requests}</h3>
      <Pages label={texts.requests} load={load} keyOf={({ user }) => user.userId} none={texts.noRequests}>
        {({ user, message }, reload) => (
          <PersonRow id={user.userId} name={user.displayName} note={message ?? undefined}>
            <ActionButton
              text={texts.letIn}
              work={() => client.call('joinRequests.approve', { cid, user: user.userId })}
              onDone={reload}
            />
            <ActionButton
              text={texts.refuse}
              work={() => client.call('joinRequests.reject', { cid, user: user.userId })}
              onDone={reload}
            />
          </PersonRow>
        )}
      </Pages>
    </>
  );
}
