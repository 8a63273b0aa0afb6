// Never run: a CommonJS module, which requires the package's ES modules.
import keeper = require('finesse-keeper');
import slim = require('finesse-keeper/slim');

export const connect = (options: keeper.ConnectOptions): Promise<keeper.Keeper> => keeper.Keeper.connect(options);
export const begin = (): Promise<void> => slim.initialize('./module.wasm');
