// SPDX-License-Identifier: Apache-2.0
/** URLs: the host that is checked is the host that is meant, or there is an error. */
import assert from "node:assert/strict";
import { parseUrl } from "../modules/url.ts";

describe("URLs", () => {
    const good: [string, string, number | undefined, string, string | undefined][] = [
        ["https://example.org", "example.org", undefined, "/", undefined],
        ["https://example.org:8443/a?b=c#d", "example.org", 8443, "/a?b=c", undefined],
        ["https://user:pa%40ss@example.org/", "example.org", undefined, "/", "user:pa@ss"],
        ["https://[::1]:443/", "::1", 443, "/", undefined],
        ["https://example.org?q", "example.org", undefined, "/?q", undefined],
    ];
    for (const [url, host, port, path, auth] of good) {
        it(url, () => {
            const parsed = parseUrl(url);
            assert.deepEqual(
                [parsed.protocol, parsed.host, parsed.port, parsed.path, parsed.auth],
                ["https:", host, port, path, auth],
            );
        });
    }

    const bad = [
        "example.org/", "https:/example.org/", "https://", "https://exa mple.org/",
        "https://evil.example\\@example.org/", "https://a@b@example.org/", "https://example.org:0/",
        "https://example.org:65536/", "https://example.org:44x/", "https://[::1/", "https://::1/",
        "https://\u00e9xample.org/", "https://%zz@example.org/", "https://exa<mple.org/",
    ];
    for (const url of bad) {
        it(`${JSON.stringify(url)} is refused`, () => {
            assert.throws(() => parseUrl(url), { code: "ETLS_BAD_URL" });
        });
    }
});
