// Never run: what a classic script written in TypeScript may say, with the package's script before it on the page.
/// <reference types="finesse-keeper/iife" />

async function gadget(password: string): Promise<void> {
  const keeper = await FinesseKeeper.Keeper.connect({ hosts: ['https://fin-a.example.com:8445'], user: '1001', credentials: () => ({ password }) });
  keeper.addEventListener('error', ({ detail }) => console.log(detail instanceof FinesseKeeper.KeeperError));
}
