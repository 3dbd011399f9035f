// SPDX-License-Identifier: Apache-2.0
/**
 * The way to a board's console, by the `espruino` package: serial ports and `tcp://host:port`. What
 * that package does in a way that does not serve us is put right here and nowhere else.
 *
 * @module
 */
import { createRequire } from "node:module";
import { makeError } from "../../modules/errors.ts";

/** A console that is open. Text has one character for each byte, and only ASCII goes out. */
export interface Port {
    write(text: string): Promise<void>;
    /** Called with what the board prints, as it comes. */
    onText: (text: string) => void;
    /** Called when the board is gone. */
    onClose: () => void;
    close(): void;
}

interface Device {
    name: string;
    getPorts(callback: (ports: { path: string }[] | undefined, instant: boolean) => void): void;
}

/** What the package leaves in `globalThis.Espruino`. */
interface Espruino {
    Config: Record<string, unknown>;
    Core: {
        Serial: {
            devices: Device[];
            open(port: string, connected: (info: unknown) => void, disconnected: () => void): void;
            setBinary(on: boolean): void;
            close(): void;
            connection: {
                chunkSize: number;
                write(data: string): Promise<void>;
                on(event: "data", listener: (text: string) => void): void;
            };
        };
    };
}

/** Milliseconds for a connection: the package says nothing when a TCP port refuses. */
const PATIENCE = 10_000;

let loaded: Promise<Espruino> | undefined;

/** The package prints whatever it does; what it says of failures is told by our own errors. */
const silence = function (): void {
    const nothing = (): void => undefined;
    Object.assign(console, { log: nothing, warn: nothing, error: nothing, info: nothing });
};

/** Bluetooth is looked for at once, and without its system service that ends the whole program. */
const UNWANTED = /^(@abandonware\/noble|noble-winrt|node-ble|peerjs-on-node)$/;

const leaveOut = function (require: NodeJS.Require): void {
    const loader = require("node:module") as { _load(name: string, ...rest: unknown[]): unknown };
    const original = loader._load;
    loader._load = function (name, ...rest) {
        if (UNWANTED.test(name)) throw new Error(`${name} is not used`);
        return original.call(this, name, ...rest);
    };
};

/** Its relay switches the verification of all of Node's TLS off, in this whole process. */
const VERIFICATION = "NODE_TLS_REJECT_UNAUTHORIZED";

const restore = function (verification: string | undefined): void {
    if (verification === undefined) delete process.env[VERIFICATION];
    else process.env[VERIFICATION] = verification;
};

const load = function (): Promise<Espruino> {
    loaded ??= new Promise((resolve) => {
        const verification = process.env[VERIFICATION];
        silence();
        const require = createRequire(import.meta.url);
        leaveOut(require);
        const scope = globalThis as unknown as { fs: unknown; Espruino: Espruino };
        scope.fs = require("node:fs"); // its plugins look for it there
        (require("espruino") as { init(callback: () => void): void }).init(() => {
            restore(verification);
            resolve(scope.Espruino);
        });
        restore(verification);
    });
    return loaded;
};

/** Makes a path known to the package, which takes none that its search for ports has not found. */
const announce = function (espruino: Espruino, path: string): void {
    const name = path.startsWith("tcp://") ? "Node Socket" : "Node Serial";
    const device = espruino.Core.Serial.devices.find((one) => one.name === name);
    if (!device) {
        throw makeError("ETLS_BOARD", `${path} cannot be opened: the npm package serialport is not installed`);
    }
    const search = device.getPorts;
    device.getPorts = (callback) => {
        search((ports, instant) => {
            const others = (ports ?? []).filter((port) => port.path !== path);
            callback([...others, { path }], instant);
        });
    };
    espruino.Config["ENV_ON_CONNECT"] = false; // types commands of its own
};

/** Opens the console of a board. @throws TlsError `ETLS_BOARD` */
export const openPort = async function (path: string): Promise<Port> {
    const espruino = await load();
    const serial = espruino.Core.Serial;
    announce(espruino, path);
    const port: Port = {
        write: (text) => serial.connection.write(text),
        onText: () => undefined,
        onClose: () => undefined,
        close: () => {
            port.onClose = () => undefined;
            serial.close();
        },
    };
    await new Promise<void>((resolve, reject) => {
        const fail = (): void => reject(makeError("ETLS_BOARD", `no board answers at ${path}`));
        const timer = setTimeout(fail, PATIENCE);
        serial.open(path, (info) => {
            clearTimeout(timer);
            if (info === undefined) fail();
            else resolve();
        }, () => port.onClose());
    });
    serial.setBinary(true); // no pauses after what looks like a command
    serial.connection.chunkSize = 512;
    serial.connection.on("data", (text) => port.onText(text));
    return port;
};
