// SPDX-License-Identifier: Apache-2.0
/**
 * A stream that breaks while what came before waits to be read: what a server does that has closed, when more
 * comes from a client that takes its time.
 */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "mocha";
import type { Stream } from "../modules/host.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { assertRefused, attempt } from "./support/attempt.ts";
import type { Attempt } from "./support/attempt.ts";
import { closeClean, openCore } from "./support/core.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { nodeTlsServer } from "./support/servers.ts";
import type { Server } from "./support/servers.ts";

type Heard = { data: (data: Uint8Array) => void; error: (error: Error) => void };

/** A stream to a server whose first bytes come with others behind them, and then a reset, all at once. */
const breaking = function (port: number, behind: Buffer): Stream {
    const inner = connect({ port, host: "127.0.0.1" });
    const heard: Partial<Heard> = {};
    inner.on("error", () => undefined);
    inner.once("data", (data) => {
        inner.destroy();
        heard.data?.(Buffer.concat([data, behind]));
        heard.error?.(new Error("read ECONNRESET"));
    });
    return {
        write: (data: string) => inner.write(Buffer.from(data, "latin1")),
        end: () => inner.end(),
        destroy: () => inner.destroy(),
        on: (name: string, listener: never) => Object.assign(heard, { [name]: listener }),
    } as unknown as Stream;
};

describe("a stream that breaks", () => {
    let pki: Pki;
    let core: EspruinoTls;
    let server: Server;

    before(async () => {
        pki = await cachedPki();
        core = await openCore();
        server = await nodeTlsServer({ identity: pki.ec, version: "1.2" });
    });
    after(async () => {
        await server.close();
        await closeClean(core);
    });

    const meet = (behind: string): Promise<Attempt> =>
        attempt(core, { host: "localhost", ca: pki.ec.rootPem, socket: breaking(server.port, Buffer.from(behind, "hex")) });

    it("after an alert: the alert is told", async () => {
        assertRefused(await meet("1503030002022d"), "ETLS_ALERT_CERTIFICATE_EXPIRED");
    });

    it("after nothing more: that it broke", async () => {
        assert.match(assertRefused(await meet(""), "ETLS_TRANSPORT").message, /ECONNRESET/);
    });

    it("in the middle of an alert: that it broke", async () => {
        assert.match(assertRefused(await meet("150303000202"), "ETLS_TRANSPORT").message, /ECONNRESET/);
    });

    it("after what is no alert: what was wrong with it", async () => {
        assertRefused(await meet("160303000400000000"), "ETLS_DECODE_ERROR");
    });
});
