// SPDX-License-Identifier: Apache-2.0
/** etls_session_verify: a stored chain judged by the code of the handshake. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import {
    CLIENT, ENTRY_CONTEXT_SET, ENTRY_SESSION_STEP, ENTRY_SESSION_VERIFY, GET_VERIFY_FLAGS,
    OPTION_TIME,
} from "../modules/abi.gen.ts";
import { Core, derOf } from "./support/abi.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";

let pki: Pki;
let core: Core;

/** The certificates of PEM text, one behind the other. */
const chainOf = (pem: string): Buffer =>
    Buffer.concat(pem.split(/(?<=-----END CERTIFICATE-----\n)/).filter(Boolean).map(derOf));

describe("a stored chain", () => {
    beforeEach(async () => {
        pki = await cachedPki();
        core = await Core.open(65536);
    });
    afterEach(() => core.close());

    const judge = (chain: Uint8Array, host: string, time = 0): string | number => {
        const context = core.context(CLIENT, pki.ec);
        assert.equal(core.call(ENTRY_CONTEXT_SET, context, OPTION_TIME, time), 0);
        const session = core.session(context, host) as number;
        const result = core.give(ENTRY_SESSION_VERIFY, session, chain);
        assert.equal(core.get(session, GET_VERIFY_FLAGS) === 0, result === 0, "flags say the same");
        assert.equal(core.give(ENTRY_SESSION_VERIFY, session, chain), "BAD_STATE", "only once");
        assert.equal(core.call(ENTRY_SESSION_STEP, session), result === 0 ? "BAD_STATE" : result);
        return result;
    };

    it("is good or not, as in a handshake", () => {
        const chain = chainOf(pki.ec.chainPem);
        assert.equal(judge(chain, "localhost"), 0);
        assert.equal(judge(chain, "127.0.0.1"), 0);
        assert.equal(judge(chain, "elsewhere.test"), "CERT_NAME_MISMATCH");
        assert.equal(judge(chainOf(pki.ec.certPem), "localhost"), "CERT_MISSING_INTERMEDIATE");
        assert.equal(judge(chainOf(pki.bad.expired.chainPem), pki.bad.expired.host), "CERT_EXPIRED");
    });

    it("is judged as of a time that is given", () => {
        const chain = chainOf(pki.ec.chainPem);
        const now = Math.floor(Date.now() / 1000);
        assert.equal(judge(chain, "localhost", now), 0);
        assert.equal(judge(chain, "localhost", now - 10 * 86400), "CERT_NOT_YET_VALID");
        assert.equal(judge(chain, "localhost", now + 100 * 86400), "CERT_EXPIRED");
    });
});
