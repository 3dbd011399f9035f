// SPDX-License-Identifier: Apache-2.0
/**
 * The same as soak.ts against servers of others, through the modules and real sockets.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ConnectOptions } from "../../modules/tls.ts";
import type { EspruinoTls } from "../../wasm/node.ts";
import { watchHeap } from "./attempt.ts";
import { openCore } from "./core.ts";
import { cachedPki } from "./pki.ts";
import {
    gnutlsServer, nginxServer, nodeHttpsServer, opensslServer, type Server, type Version,
} from "./servers.ts";
import type { Soak } from "./soak.ts";

/** A server and how to connect to it. */
interface Target {
    name: string;
    server: Server;
    options: ConnectOptions;
}

/** OpenSSL, nginx, Node and GnuTLS; EC and RSA; TLS 1.2 and 1.3; with and without a length asked for. */
async function startTargets(): Promise<Target[]> {
    const pki = await cachedPki();
    const starts = [
        ["openssl", opensslServer], ["nginx", nginxServer], ["node", nodeHttpsServer], ["gnutls", gnutlsServer],
    ] as const;
    const targets: Target[] = [];
    for (const identity of [pki.ec, pki.rsa]) {
        for (const version of ["1.2", "1.3"] as Version[]) {
            for (const [name, start] of starts) {
                const server: Server = await start({ identity, version });
                for (const maxFragmentLength of [1024, 16384]) {
                    const to = { host: "127.0.0.1", servername: "localhost", port: server.port };
                    const options = { ...to, ca: identity.rootPem, maxFragmentLength };
                    targets.push({ name: `${name} ${version} ${identity.name} ${maxFragmentLength}`, server, options });
                }
            }
        }
    }
    return targets;
}

/** Fetches the beginning of a page; returns the code of the error that ended it, `""` when all went well. */
function fetchSome(core: EspruinoTls, options: ConnectOptions): Promise<string> {
    return new Promise((resolve) => {
        let code = "";
        const socket = core.tls.connect(options, () => {
            socket.write("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n");
        });
        socket.on("data", () => socket.destroy());
        socket.on("error", (error) => (code = error.code));
        socket.on("close", () => resolve(code || (socket.bytesRead > 0 ? "" : "no data")));
    });
}

/** True when each server is served in an arena of so many bytes. */
async function enough(targets: Target[], arena: number): Promise<boolean> {
    const core = await openCore({ arena });
    let code = "";
    for (const { name, options } of targets) {
        code = await fetchSome(core, options);
        if (code) break;
        assert.match(code, /^(ETLS_OUT_OF_MEMORY)?$/, name);
    }
    core.close();
    return code === "";
}

/** Connects `rounds` times to each server in the least arena plus 5 %. */
export async function soakServers(rounds: number): Promise<Soak> {
    const targets = await startTargets();
    let [low, least] = [8192, 65536];
    while (least - low > 64) {
        const middle = (low + least) / 2;
        if (await enough(targets, middle)) least = middle;
        else low = middle;
    }
    const arena = Math.ceil((least * 1.05) / 8) * 8;
    const core = await openCore({ arena });
    for (let round = 0; round < rounds; round += 1) {
        for (let index = 0; index < targets.length; index += 1) {
            const { name, options } = targets[(index * 7 + round * 3) % targets.length] as Target;
            const checkHeap = watchHeap(core);
            assert.equal(await fetchSome(core, options), "", `${name}, round ${round}, in ${arena} bytes`);
            checkHeap();
        }
    }
    core.close();
    await Promise.all([...new Set(targets.map(({ server }) => server))].map((server) => server.close()));
    return { least, arena, connections: rounds * targets.length };
}
