/** Published vectors of SRTP. All texts are hexadecimal. */
import { hexDecode } from "../../src/base/mod.ts";
import type { SrtpProfile } from "../../src/srtp/mod.ts";

/** Bytes of a literal. */
export function hex(text: string): Uint8Array {
  const bytes = hexDecode(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
}

/** RFC 3711 B.2: the first blocks of a keystream of AES in counter mode. */
export const KEYSTREAM = {
  key: "2b7e151628aed2a6abf7158809cf4f3c",
  salt: "f0f1f2f3f4f5f6f7f8f9fafbfcfd",
  blocks: [
    "e03ead0935c95e80e166b16dd92b4eb4",
    "d23513162b02d0f72a43a2fe4a5f97ab",
    "41e95b3bb0a2e8dd477901e4fca894c0",
  ],
} as const;

/** A master key and what is derived from it, as far as it was published. */
export interface DerivationVector {
  readonly source: string;
  readonly masterKey: string;
  readonly masterSalt: string;
  readonly key: string;
  readonly salt: string;
  readonly authKey: string;
}

export const DERIVATIONS: readonly DerivationVector[] = [
  {
    source: "RFC 3711 B.3",
    masterKey: "e1f97a0d3e018be0d64fa32c06de4139",
    masterSalt: "0ec675ad498afeebb6960b3aabe6",
    key: "c61e7a93744f39ee10734afe3ff7a087",
    salt: "30cbbc08863d8c85d49db34a9ae1",
    authKey: "cebe321f6ff7716b6fd4ab49af256a156d38baa48f0a0acf3c34e2359e6cdbce" +
      "e049646c43d9327ad175578ef72270986371c10c9a369ac2f94a8c5fbcdddc25" +
      "6d6e919a48b610ef17c2041e474035766b68642c59bbfc2f34db60dbdfb2",
  },
  {
    source: "RFC 6188 §7.2",
    masterKey: "f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6",
    masterSalt: "3b04803de51ee7c96423ab5b78d2",
    key: "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4",
    salt: "fa31791685ca444a9e07c6c64e93",
    authKey: "fd9c32d39ed5fbb5a9dc96b30818454d1313dc05",
  },
];

/** A packet under given session keys. */
export interface PacketVector {
  readonly source: string;
  readonly profile: SrtpProfile;
  readonly key: string;
  readonly salt: string;
  readonly plain: string;
  readonly sealed: string;
}

const KEY_128 = "000102030405060708090a0b0c0d0e0f";
const KEY_256 = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const QUID_PRO_QUO = "517569642070726f2071756f";
const GALLIA = "8040f17b8041f8d35501a0b2" +
  "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";

/** RFC 7714 §16: SRTP packets of rollover 0. */
export const GCM_PACKETS: readonly PacketVector[] = [
  {
    source: "RFC 7714 §16.1",
    profile: "SRTP_AEAD_AES_128_GCM",
    key: KEY_128,
    salt: QUID_PRO_QUO,
    plain: GALLIA,
    sealed: "8040f17b8041f8d35501a0b2" +
      "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833" +
      "899d7f27beb16a9152cf765ee4390cce",
  },
  {
    source: "RFC 7714 §16.2",
    profile: "SRTP_AEAD_AES_256_GCM",
    key: KEY_256,
    salt: QUID_PRO_QUO,
    plain: GALLIA,
    sealed: "8040f17b8041f8d35501a0b2" +
      "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b" +
      "7aa3db36dfffd6b0f9bb7878d7a76c13",
  },
];

/** RFC 7714 §17: the SRTCP index of its packets. */
export const CONTROL_INDEX = 0x5d4;

/**
 * The RTCP packet that §17.1 to §17.4 work on (the preamble of §17 prints another one). Its length
 * field says more than is there.
 */
const MARS = "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61" +
  "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";

/** RFC 7714 §17.1, §17.2: encrypted SRTCP packets. */
export const GCM_CONTROL_PACKETS: readonly PacketVector[] = [
  {
    source: "RFC 7714 §17.1",
    profile: "SRTP_AEAD_AES_128_GCM",
    key: KEY_128,
    salt: QUID_PRO_QUO,
    plain: MARS,
    sealed: "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32d" +
      "c676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf872" +
      "45d9eade800005d4",
  },
  {
    source: "RFC 7714 §17.2",
    profile: "SRTP_AEAD_AES_256_GCM",
    key: KEY_256,
    salt: QUID_PRO_QUO,
    plain: MARS,
    sealed: "81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50" +
      "a2eaa5c1110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6c" +
      "b26ac3be800005d4",
  },
];

/** RFC 7714 §17.3: SRTCP that is authenticated and not encrypted (E flag 0). */
export const GCM_CLEAR_CONTROL_PACKETS: readonly PacketVector[] = [
  {
    source: "RFC 7714 §17.3",
    profile: "SRTP_AEAD_AES_128_GCM",
    key: KEY_128,
    salt: QUID_PRO_QUO,
    plain: MARS,
    sealed: `${MARS}841dd9683dd78ec92ae58790125f62b3000005d4`,
  },
  {
    source: "RFC 7714 §17.4",
    profile: "SRTP_AEAD_AES_256_GCM",
    key: KEY_256,
    salt: QUID_PRO_QUO,
    plain: MARS,
    sealed: `${MARS}91db4afbfeee5a978fab4393ed2615fe000005d4`,
  },
];

/** Packets under a master key. */
export interface MasterVectors {
  readonly source: string;
  readonly profile: SrtpProfile;
  readonly masterKey: string;
  readonly masterSalt: string;
  /** Each as it is, and as SRTP of rollover 0. */
  readonly packets: readonly (readonly [string, string])[];
}

/** What libsrtp's own self-test and thereby everyone who speaks with it holds to. */
export const LIBSRTP_PACKETS: MasterVectors = {
  source: "libsrtp, srtp_driver.c: srtp_validate",
  profile: "SRTP_AES128_CM_HMAC_SHA1_80",
  masterKey: "e1f97a0d3e018be0d64fa32c06de4139",
  masterSalt: "0ec675ad498afeebb6960b3aabe6",
  packets: [[
    "800f1234decafbadcafebabeabababababababababababababababab",
    "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb",
  ]],
};

const ONE_BYTE = "900f1235decafbadcafebabebede000151000200" + "ab".repeat(16);
const TWO_BYTE = "900f1236decafbadcafebabe1000000105020002" + "ab".repeat(16);
const ONE_BYTE_CSRC = "920f1238decafbadcafebabe0001e2400000b26ebede000151000200" + "ab".repeat(16);
const TWO_BYTE_CSRC = "920f1239decafbadcafebabe0001e2400000b26e1000000105020002" + "ab".repeat(16);
const EMPTY_CSRC = "920f123adecafbadcafebabe0001e2400000b26ebede0000" + "ab".repeat(16);
const EMPTY_TWO_CSRC = "920f123bdecafbadcafebabe0001e2400000b26e10000000" + "ab".repeat(16);

/** RFC 9335 appendix A: packets with CSRCs and header extensions encrypted. */
export const CRYPTEX_PACKETS: readonly MasterVectors[] = [
  {
    source: "RFC 9335 A.1",
    profile: "SRTP_AES128_CM_HMAC_SHA1_80",
    masterKey: "e1f97a0d3e018be0d64fa32c06de4139",
    masterSalt: "0ec675ad498afeebb6960b3aabe6",
    packets: [
      [
        ONE_BYTE,
        "900f1235decafbadcafebabec0de0001eb92365251c3e036f8de27e9c27ee3e0b4651d9fbc4218a7" +
        "0244522f34a5",
      ],
      [
        TWO_BYTE,
        "900f1236decafbadcafebabec2de00014ed9cc4e6a712b3096c5ca77339d4204ce0d77396cab6958" +
        "5fbce38194a5",
      ],
      [
        ONE_BYTE_CSRC,
        "920f1238decafbadcafebabe8bb6e12b5cff16ddc0de000192838c8c09e58393e1de3a9a74734d67" +
        "45671338c3acf11da2df8423bee0",
      ],
      [
        TWO_BYTE_CSRC,
        "920f1239decafbadcafebabef70e513eb90b9b25c2de0001bbed4848faa644665f3d7f34125914e9" +
        "f4d0ae923c6f479b95a0f7b53133",
      ],
      [
        EMPTY_CSRC,
        "920f123adecafbadcafebabe7130b6abfe2ab0e3c0de0000e3d9f64b25c9e74cb4cf8e43fb92e378" +
        "1c2c0ceab6b3a499a14c",
      ],
      [
        EMPTY_TWO_CSRC,
        "920f123bdecafbadcafebabecbf24c124330e1c8c2de0000599dd45bc9d687b603e8b59d771fd38e" +
        "88b170e0cd31e125eabe",
      ],
    ],
  },
  {
    source: "RFC 9335 A.2",
    profile: "SRTP_AEAD_AES_128_GCM",
    masterKey: "000102030405060708090a0b0c0d0e0f",
    masterSalt: "a0a1a2a3a4a5a6a7a8a9aaab",
    packets: [
      [
        ONE_BYTE,
        "900f1235decafbadcafebabec0de000139972dc9572c4d99e8fc355de743fb2e94f9d8ff54e72f41" +
        "93bbc5c74ffab0fa9fa0fbeb",
      ],
      [
        TWO_BYTE,
        "900f1236decafbadcafebabec2de0001bb75a4c545cd1f413bdb7daa2b1e3263de313667c9632490" +
        "81b35a65f5cb6c88b394235f",
      ],
      [
        ONE_BYTE_CSRC,
        "920f1238decafbadcafebabe63bbccc4a7f695c4c0de00018ad7c71fac70a80c92866b4c6ba98546" +
        "ef913586e95ffaaffe956885bb0647a8bc094ac8",
      ],
      [
        TWO_BYTE_CSRC,
        "920f1239decafbadcafebabe3680524f8d312b00c2de0001c78d120038422bc111a7187a18246f98" +
        "0c059cc6bc9df8b626394eca344e4b05d80fea83",
      ],
      [
        EMPTY_CSRC,
        "920f123adecafbadcafebabe15b6bb4337906fffc0de0000b7b964537a2b03ab7ba5389ce9331712" +
        "6b5d974df30c6884dcb651c5e120c1da",
      ],
      [
        EMPTY_TWO_CSRC,
        "920f123bdecafbadcafebabedcb38c9e48bf95f4c2de000061ee432cf920317076613258d3ce4236" +
        "c06ac429681ad08413512dc98b5207d8",
      ],
    ],
  },
];
