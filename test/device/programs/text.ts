/** A program for the board: bytes and URLs. */
import { toBinary } from "../../../modules/bytes.ts";
import { parseUrl } from "../../../modules/url.ts";

/** The value, or the code of the error. */
const attempt = function (act: () => unknown): unknown {
    try {
        return act();
    } catch (error) {
        return (error as { code: string }).code;
    }
};

const bytes = new Uint8Array(1500);
bytes.fill(200);
const text = toBinary(bytes);

const urls = [
    "https://example.org",
    "https://User:p%40ss@Example.org:8443/a/b?c=d#e",
    "mqtts://[2001:db8::1]:8883",
    "https://example.org?x",
    "tls://192.0.2.1:65535/",
    "https://example.org:65536/",
    "https://example.org:0/",
    "https://exa mple.org/",
    "https://[::1/",
    "https://",
    "example.org",
];

export const result = [
    toBinary("a\x00\x7f\x80\xff") === "a\x00\x7f\x80\xff",
    [text.length, text.charCodeAt(0), text.charCodeAt(1499)],
    toBinary(new Uint8Array(0)),
    urls.map(function (url) {
        return attempt(function () {
            return parseUrl(url);
        });
    }),
];
