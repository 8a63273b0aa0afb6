// Never run: the same interface from the slim entry, and whatever its module may come as.
import { initialize, Keeper, KeeperError, loadParsers } from 'finesse-keeper/slim';
import type { ConnectOptions, ModuleSource, Status } from 'finesse-keeper/slim';

export async function desktop(options: ConnectOptions): Promise<Status> {
  const source: ModuleSource = new URL('finesse-keeper/module.wasm', 'https://desk.example.com/');
  const nothing: void = await initialize(source).catch((error: unknown) => {
    if (error instanceof KeeperError && error.code === 'module-missing') console.log(error.nextStep);
  });
  await initialize('./module.wasm');
  await initialize(new Request('./module.wasm'));
  await initialize(fetch('./module.wasm'));
  await initialize(new Uint8Array(8));
  await initialize(new ArrayBuffer(8));
  await initialize(WebAssembly.compileStreaming(fetch('./module.wasm')));
  // @ts-expect-error what a bundler gives as `default` is given, and not what has it
  await initialize({ default: './module.wasm' });
  // @ts-expect-error there is nothing inside
  await initialize();
  const { parseSystemInfo } = await loadParsers();
  console.log(nothing, parseSystemInfo('').status);
  return (await Keeper.connect(options)).status;
}
