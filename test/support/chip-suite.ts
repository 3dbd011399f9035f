// SPDX-License-Identifier: Apache-2.0
/**
 * What every chip must pass in `npm test`: handshakes with OpenSSL over both versions and kinds of
 * chain, an exchange, refusals. The other suites run on a chip with `ETLS_HOST`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { EspruinoTls } from "../../wasm/node.ts";
import { assertRefused, attempt } from "./attempt.ts";
import { closeClean, converse } from "./core.ts";
import { openHost } from "./host.ts";
import { cachedPki, type BadName, type Identity, type Pki } from "./pki.ts";
import { skipWithout } from "./processes.ts";
import type { ToolName } from "./processes.ts";
import { opensslServer, type Version } from "./servers.ts";

const ARENA = 65536;

/** The suite for a chip, which needs `tools` to be emulated; in whole, or of some versions and refusals. */
export function chipSuite(chip: string, tools: ToolName[], versions: Version[] = ["1.2", "1.3"], bad?: BadName[]): void {
    describe(`on an emulated ${chip}`, function () {
        this.timeout(120_000);
        let pki: Pki;
        let core: EspruinoTls;

        before(async function () {
            skipWithout(this, "openssl", ...tools);
            pki = await cachedPki();
            core = await openHost({ arena: ARENA, store: 65536 }, chip);
        });
        after(async () => {
            if (core !== undefined) await closeClean(core); // looks at the guard patterns, too
        });

        const options = (identity: Identity, port: number) => ({
            host: "127.0.0.1", port, servername: identity.host, ca: identity.rootPem,
            handshakeTimeout: 100_000, // the emulator may have to share the machine
        });

        for (const version of versions) {
            for (const chain of ["ec", "rsa"] as const) {
                it(`shakes hands with OpenSSL, TLS ${version}, ${chain.toUpperCase()}, and exchanges data`, async () => {
                    const identity = pki[chain];
                    const server = await opensslServer({ identity, version, mode: "reverse" });
                    let pieces = "";
                    const outcome = await converse(core, options(identity, server.port), (socket) => {
                        assert.equal(socket.getProtocol(), `TLSv${version}`);
                        socket.on("data", (data) => {
                            pieces += data;
                            if (pieces.endsWith("\n")) socket.end();
                        });
                        socket.write(`${"0123456789".repeat(300)}end\n`);
                    });
                    await server.close();
                    assert.equal(outcome.error, undefined, outcome.error?.message);
                    assert.equal(outcome.data.toString("latin1"), `dne${"9876543210".repeat(300)}\n`);
                });
            }
        }

        const refused: [BadName, Version, string][] = [
            ["wrongHost", "1.2", "ETLS_CERT_NAME_MISMATCH"],
            ["wrongHost", "1.3", "ETLS_CERT_NAME_MISMATCH"],
            ["expired", "1.2", "ETLS_CERT_EXPIRED"],
            ["unknownIssuer", "1.3", "ETLS_CERT_UNKNOWN_ISSUER"],
            ["selfSigned", "1.2", "ETLS_CERT_SELF_SIGNED"],
            ["rsa1024", "1.2", "ETLS_CERT_WEAK_KEY"],
            ["badSignature", "1.3", "ETLS_CERT_UNKNOWN_ISSUER"],
        ];
        for (const [name, version, code] of refused) {
            if (!versions.includes(version) || bad?.includes(name) === false) continue;
            it(`refuses ${name}, TLS ${version}: ${code}`, async () => {
                const identity = pki.bad[name];
                const server = await opensslServer({ identity, version });
                const result = await attempt(core, options(identity, server.port));
                await server.close();
                assertRefused(result, code);
            });
        }
    });
}
