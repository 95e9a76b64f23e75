import type { Accounts } from '@messagecore/sdk';
import { useEffect, useState } from 'react';

/** Id of the user who is signed in, here or in another tab; undefined for nobody. */
export function useSignedIn(accounts: Accounts | undefined): string | undefined {
  const [userId, setUserId] = useState(accounts?.current?.userId);
  useEffect(() => {
    const read = () => setUserId(accounts?.current?.userId);
    read();
    addEventListener('storage', read);
    const off = accounts?.on('change', read);
    return () => {
      removeEventListener('storage', read);
      off?.();
    };
  }, [accounts]);
  return userId;
}
