/** A program for the board: what the emitter promises. */
import { Emitter } from "../../../modules/emitter.ts";

const seen: unknown[] = [];
const bell = new Emitter<{ ring: [times: number, who?: string]; stop: [] }>();

const first = function (times: number, who?: string): void {
    seen.push(["first", times, who || "nobody"]);
};
const thrower = function (): void {
    throw new Error("a listener's own fault");
};
const last = function (times: number): void {
    seen.push(["last", times]);
};

seen.push(bell.emit("ring", 0));
bell.on("ring", first).on("ring", thrower).on("ring", last).on("ring", first);
seen.push(bell.emit("ring", 1, "me"));
seen.push(["after emit", bell.listenerCount("ring"), bell.listenerCount("stop")]);
bell.removeListener("ring", first).removeListener("ring", thrower);
bell.emit("ring", 2);
bell.removeListener("stop", function () {
    // Never added.
});

// A listener that is removed or added while the event is handled changes only the next one.
const once = function (): void {
    seen.push("once");
    bell.removeListener("stop", once);
    bell.on("stop", function () {
        seen.push("added");
    });
};
bell.on("stop", once);
bell.emit("stop");
bell.emit("stop");

bell.removeAllListeners("ring");
seen.push(bell.emit("ring", 3), bell.listenerCount("stop"));
bell.removeAllListeners();
seen.push(bell.emit("stop"));

// What a listener emits on the same object comes after the event that it hears.
bell.on("ring", function (times) {
    seen.push(["in", times]);
    if (times < 6) seen.push(bell.emit("ring", times + 1), bell.emit("stop"));
});
bell.on("ring", function (times) {
    seen.push(["out", times]);
});
bell.emit("ring", 5);

export const result = seen;
