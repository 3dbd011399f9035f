// SPDX-License-Identifier: Apache-2.0
/**
 * Images of the native core for boards: reading, checking, moving. The format is that of
 * `native/image/etls_image.h`, explained in docs/IMAGE.md.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { ABI_VERSION, ENTRY_NAMES } from "../../modules/abi.gen.ts";
import { failure } from "../../modules/errors.ts";
import { ERR_BAD_IMAGE, ERR_IMAGE_VERSION } from "../../modules/errors.gen.ts";
import type { TlsError } from "../../modules/errors.ts";
import {
    CHIP_LINUX, CHIP_RP2040, CHIP_RP2350, CHIP_STM32F4, IMAGE_ABI_AT, IMAGE_ADDRESS_AT, IMAGE_BUILD_AT,
    IMAGE_CHIP_AT, IMAGE_CRC_AT, IMAGE_ENTRIES_AT, IMAGE_ENTRY_AT, IMAGE_FORMAT, IMAGE_FORMAT_AT,
    IMAGE_MAGIC, IMAGE_MAGIC_AT, IMAGE_PROFILE_AT, IMAGE_RELOCATIONS_AT, IMAGE_SIZE_AT,
    IMAGE_STATICS_AT, PROFILE_ID_FULL, PROFILE_ID_SMALL,
} from "../../modules/image.gen.ts";

/** What an image's header says. */
export interface ImageHeader {
    /** Bytes of the whole image. */
    size: number;
    /** Where it runs: the address of its first byte. */
    address: number;
    /** `ETLS_ABI_VERSION` of the core in it. */
    abi: number;
    /** The same for the same code, wherever it was moved: eight hexadecimal digits. */
    build: string;
    /** `rp2040`, `rp2350` or `stm32f4`. */
    chip: string;
    /** `small` or `full`. */
    profile: string;
    /** Bytes at the start of the arena that hold its static data. */
    statics: number;
    /** Addresses of the entries by the numbers of `modules/abi.gen.ts`, bit 0 set. */
    entries: number[];
}

const CHIPS: Record<number, string> = {
    [CHIP_RP2040]: "rp2040",
    [CHIP_RP2350]: "rp2350",
    [CHIP_STM32F4]: "stm32f4",
    [CHIP_LINUX]: "linux",
};
const PROFILES: Record<number, string> = { [PROFILE_ID_SMALL]: "small", [PROFILE_ID_FULL]: "full" };

const bad = (detail: string): TlsError => failure(ERR_BAD_IMAGE, { detail });
const hex = (value: number): string => `0x${value.toString(16)}`;
const view = (image: Uint8Array): DataView =>
    new DataView(image.buffer, image.byteOffset, image.byteLength);

/** The checksum that an image's header should have. */
function checksum(image: Uint8Array): number {
    const before = crc32(image.subarray(0, IMAGE_CRC_AT));
    return crc32(image.subarray(IMAGE_CRC_AT + 4), crc32(new Uint8Array(4), before));
}

/** A field whose number has a name. */
function named(names: Record<number, string>, value: number, what: string): string {
    const name = names[value];
    if (name === undefined) throw bad(`it is for ${what} ${value}, which is not known`);
    return name;
}

/**
 * Reads an image and checks all that can be checked: length, magic, checksum, versions, entries.
 *
 * @throws TlsError `ETLS_BAD_IMAGE` when it is damaged or no image, `ETLS_IMAGE_VERSION` when it is
 * one of another release
 */
export function readImage(image: Uint8Array): ImageHeader {
    const fields = view(image);
    const field = (at: number): number => fields.getUint32(at, true);
    if (image.length < IMAGE_ENTRY_AT) throw bad(`${image.length} bytes are no header`);
    if (field(IMAGE_MAGIC_AT) !== IMAGE_MAGIC) throw bad(`it begins with ${hex(field(IMAGE_MAGIC_AT))}`);
    if (field(IMAGE_FORMAT_AT) !== IMAGE_FORMAT) {
        throw failure(ERR_IMAGE_VERSION, { detail: `its format is ${field(IMAGE_FORMAT_AT)}, not ${IMAGE_FORMAT}` });
    }
    const size = field(IMAGE_SIZE_AT);
    if (size !== image.length) throw bad(`it says ${size} bytes and has ${image.length}`);
    if (field(IMAGE_CRC_AT) !== checksum(image)) throw bad("its checksum is wrong");
    if (field(IMAGE_ABI_AT) !== ABI_VERSION || field(IMAGE_ENTRIES_AT) !== ENTRY_NAMES.length) {
        const detail = `its ABI is ${field(IMAGE_ABI_AT)} with ${field(IMAGE_ENTRIES_AT)} entries, not ${ABI_VERSION} with ${ENTRY_NAMES.length}`;
        throw failure(ERR_IMAGE_VERSION, { detail });
    }
    const address = field(IMAGE_ADDRESS_AT);
    const entries = ENTRY_NAMES.map((_, index) => field(IMAGE_ENTRY_AT + index * 4));
    if (!entries.every((entry) => entry & 1 && entry > address && entry < address + size)) {
        throw bad("an entry lies outside of it");
    }
    return {
        size,
        address,
        abi: field(IMAGE_ABI_AT),
        build: field(IMAGE_BUILD_AT).toString(16).padStart(8, "0"),
        chip: named(CHIPS, field(IMAGE_CHIP_AT), "chip"),
        profile: named(PROFILES, field(IMAGE_PROFILE_AT), "profile"),
        statics: field(IMAGE_STATICS_AT),
        entries,
    };
}

/**
 * Offsets of the words that hold an address, from the table at the image's end: distances in
 * words, LEB128, ended by a 0 or by the end.
 */
function readRelocations(image: Uint8Array, from: number): number[] {
    const offsets: number[] = [];
    let offset = 0;
    for (let at = from; at < image.length && image[at] !== 0; ) {
        let distance = 0;
        let shift = 0;
        let byte = 128;
        while (byte >= 128) {
            byte = image[at] ?? 0;
            distance += (byte & 127) * 2 ** shift;
            shift += 7;
            at += 1;
        }
        offset += distance * 4;
        if (offset + 4 > from) throw bad("its table of relocations leads out of it");
        offsets.push(offset);
    }
    return offsets;
}

/**
 * Makes the same image for another address.
 *
 * @param image - a whole image; it is not changed
 * @param address - where its first byte will be, a multiple of 4
 * @throws TlsError as {@link readImage} does, RangeError when the address is none
 */
export function relocateImage(image: Uint8Array, address: number): Uint8Array {
    const header = readImage(image);
    if (!Number.isInteger(address / 4) || address < 0 || address + header.size > 2 ** 32) {
        throw new RangeError(`${hex(address)} is not an address for an image: a multiple of 4 below 4 GB`);
    }
    const moved = new Uint8Array(image); // not slice(): that of a Buffer is the same memory
    const fields = view(moved);
    const distance = address - header.address;
    const table = fields.getUint32(IMAGE_RELOCATIONS_AT, true);
    if (table < IMAGE_ENTRY_AT + header.entries.length * 4 || table > image.length) {
        throw bad("its table of relocations is not in it");
    }
    for (const offset of readRelocations(image, table)) {
        const value = fields.getUint32(offset, true);
        if (value < header.address || value > header.address + header.size) {
            throw bad(`the word at ${hex(offset)} is to be moved and holds no address in it`);
        }
        fields.setUint32(offset, value + distance, true);
    }
    fields.setUint32(IMAGE_ADDRESS_AT, address, true);
    fields.setUint32(IMAGE_CRC_AT, checksum(moved), true);
    return moved;
}
