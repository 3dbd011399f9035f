// SPDX-License-Identifier: Apache-2.0
/** Small arenas ask for small records; what a server makes of it. */
import assert from "node:assert/strict";
import { closeClean, fetchBody, openCore } from "./support/core.ts";
import { sha256, testBytes } from "./support/node-servers.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { requireTool } from "./support/processes.ts";
import { startProxy } from "./support/proxy.ts";
import type { Proxy } from "./support/proxy.ts";
import { gnutlsServer, nodeHttpsServer } from "./support/servers.ts";
import type { Server } from "./support/servers.ts";

const LENGTH = 100000;
/** What encryption adds to a record at most in these suites, TLS 1.2: nonce and tag. */
const EXPANSION = 24;

describe("record length", () => {
    let pki: Pki;
    let server: Server;
    let proxy: Proxy;

    before(async function () {
        this.timeout(60000);
        pki = await cachedPki();
    });

    async function serve(version: "1.2" | "1.3"): Promise<void> {
        server = await nodeHttpsServer({ identity: pki.ec, version });
        proxy = await startProxy(server.port);
    }

    afterEach(async () => {
        await proxy?.close();
        await server?.close();
    });

    /** The longest record that came from the server. */
    function longest(): number {
        return Math.max(...proxy.records.filter((r) => r.direction === "down").map((r) => r.length));
    }

    function options(more: object = {}): Record<string, unknown> {
        const path = `/bytes/${LENGTH}`;
        return { host: "localhost", port: proxy.port, ca: pki.ec.rootPem, agent: false, path, ...more };
    }

    const cases = [
        ["1.2", 12288, 1024], ["1.2", 16384, 4096], ["1.2", 28672, 16384],
        ["1.3", 16384, 4096], ["1.3", 28672, 16384],
    ] as const;
    for (const [version, arena, asked] of cases) {
        it(`an arena of ${arena} bytes asks for ${asked} (TLS ${version})`, async () => {
            await serve(version);
            const core = await openCore({ arena });
            const got = await fetchBody(core, options());
            assert.equal(sha256(got.body), sha256(testBytes(LENGTH)));
            assert.ok(longest() <= asked + EXPANSION, `${longest()} bytes`);
            assert.ok(longest() > asked / 2, "and no less than needed");
            await closeClean(core);
        });
    }

    it("maxFragmentLength overrides it", async () => {
        await serve("1.2");
        const core = await openCore();
        const got = await fetchBody(core, options({ maxFragmentLength: 512 }));
        assert.equal(got.body.length, LENGTH);
        assert.ok(longest() <= 512 + EXPANSION, `${longest()} bytes`);
        await closeClean(core);
    });

    it("a length that cannot be asked for is an error", async () => {
        await serve("1.2");
        const core = await openCore();
        await assert.rejects(fetchBody(core, options({ maxFragmentLength: 1000 })), {
            code: "ETLS_BAD_OPTION",
        });
        await closeClean(core);
    });

    it("GnuTLS keeps to the record size limit of TLS 1.3", async function () {
        const missing = requireTool("gnutls-serv");
        if (missing) {
            console.log(`    not run: ${missing}`);
            this.skip();
        }
        server = await gnutlsServer({ identity: pki.ec, version: "1.3" });
        proxy = await startProxy(server.port);
        const core = await openCore();
        const got = await fetchBody(core, options({ path: "/", maxFragmentLength: 512 }));
        assert.equal(got.status, 200);
        // Its own page is short; its certificates alone are longer than 512 bytes.
        assert.ok(longest() <= 512 + 17, `${longest()} bytes`);
        await closeClean(core);
    });

    it("a server that sends more than there is room for: the error says how much", async () => {
        // All servers here keep to it, so this core does not ask, in an arena that is too small.
        await serve("1.3");
        const core = await openCore({ arena: 20480 });
        const asking = options({ maxFragmentLength: 16384 });
        await assert.rejects(fetchBody(core, asking), (error: Error & { code?: string }) => {
            assert.equal(error.code, "ETLS_OUT_OF_MEMORY", error.message);
            const needed = Number(/(\d+) bytes needed/.exec(error.message)?.[1]);
            assert.ok(needed > 16384 && needed < 16384 + 256 + 13, error.message);
            return true;
        });
        await closeClean(core);
    });
});
