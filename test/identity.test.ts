// SPDX-License-Identifier: Apache-2.0
/** A client's private key: where it is in the core's memory, and for how long. */
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { before, describe, it } from "mocha";
import type { ConnectOptions } from "../modules/tls.ts";
import type { TLSSocket } from "../modules/tls_socket.ts";
import type { OpenBinding } from "../wasm/binding.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { closeClean } from "./support/core.ts";
import { openHost } from "./support/host.ts";
import { disconnect } from "./support/measure.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { nodeTlsServer } from "./support/servers.ts";

const ARENA = 65536;
/** More than all of the core's memory, with sanitizers too: static data, stack, window, arena and store. */
const ALL = 1 << 28;

/** Parts of a key's secret numbers, as DER has them and as Mbed TLS does: least significant byte first. */
function secretsOf(keyPem: string): string[] {
    const { d, p, q, dp, dq, qi } = createPrivateKey(keyPem).export({ format: "jwk" });
    return [d, p, q, dp, dq, qi].flatMap((number) => {
        if (number === undefined) return [];
        const bytes = Buffer.from(number, "base64url").subarray(0, 32);
        return [bytes.toString("latin1"), Buffer.from(bytes).reverse().toString("latin1")];
    });
}

for (const kind of ["ec", "rsa"] as const) {
    for (const version of ["1.2", "1.3"] as const) {
        describe(`a client's private key, ${kind.toUpperCase()}, TLS ${version}`, function () {
            this.timeout(20_000);
            let pki: Pki;
            let core: EspruinoTls;
            let binding: OpenBinding | undefined;
            let secrets: string[] = [];

            before(async () => {
                pki = await cachedPki();
                secrets = secretsOf(pki.clients[kind].keyPem);
                assert.equal(secrets.length, kind === "ec" ? 2 : 12);
            });

            /** Whether any part of the key is anywhere in the core's memory. */
            const isThere = (): boolean => {
                const all = binding?.get(0, ALL) ?? "";
                assert.ok(all.length > ARENA, "the memory was looked at");
                return secrets.some((secret) => all.includes(secret));
            };
            const connect = (options: ConnectOptions): Promise<TLSSocket> =>
                new Promise((resolve, reject) => {
                    const socket = core.tls.connect(options, () => socket.write("x"));
                    socket.on("data", () => resolve(socket));
                    socket.on("error", reject);
                });
            const open = async (): Promise<ConnectOptions & { close(): Promise<void> }> => {
                core = await openHost({ arena: ARENA, store: 16384 }, "wasm", (opened) => (binding = opened));
                const server = await nodeTlsServer({ identity: pki.ec, version, clientRootFile: pki.clients[kind].rootFile });
                return { host: "localhost", port: server.port, ca: pki.ec.rootPem, close: () => server.close() };
            };
            const own = (): ConnectOptions => {
                const { chainPem: cert, keyPem: key } = pki.clients[kind];
                return { cert, key };
            };

            it("of one connection: nowhere once the handshake is over", async () => {
                const { close, ...to } = await open();
                const socket = await connect({ ...to, ...own() });
                assert.equal(isThere(), false);
                await disconnect(socket);
                assert.equal(isThere(), false);
                await close();
                await closeClean(core);
            });

            it("of a context: there for the next connection, gone with the context", async () => {
                const { close, ...to } = await open();
                const secureContext = core.tls.createSecureContext({ ...own(), ca: pki.ec.rootPem });
                for (let i = 0; i < 2; i += 1) {
                    const socket = await connect({ ...to, secureContext });
                    assert.equal(isThere(), true);
                    await disconnect(socket);
                }
                const last = await connect({ ...to, secureContext });
                secureContext.free();
                await disconnect(last);
                assert.equal(isThere(), false);
                await close();
                await closeClean(core);
            });

            it("that was refused: not left behind", async () => {
                const { close, ...to } = await open();
                const { chainPem: cert } = pki.clients.unknownIssuer;
                await assert.rejects(connect({ ...to, ...own(), cert }), { code: "ETLS_KEY_MISMATCH" });
                await assert.rejects(connect({ ...to, ...own(), servername: "a.b" }), { code: "ETLS_CERT_NAME_MISMATCH" });
                assert.equal(isThere(), false);
                await close();
                await closeClean(core);
            });
        });
    }
}
