//! The memory of the module: its size is fixed, because growth would detach the host's views of it.

/// 16 MiB: some two hundred connections. Pages that were never touched cost address space only.
const MEMORY_BYTES: u32 = 16 << 20;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        println!("cargo::rustc-cdylib-link-arg=--initial-memory={MEMORY_BYTES}");
        println!("cargo::rustc-cdylib-link-arg=--max-memory={MEMORY_BYTES}");
    }
}
