// What a safe plugin needs of the linker: nothing missing, nothing lazy, never unloaded.
fn main() {
    for argument in [
        "-Wl,-z,defs,-z,now,-z,relro,-z,nodelete,-z,noexecstack",
        "-Wl,--as-needed,--build-id",
    ] {
        println!("cargo:rustc-cdylib-link-arg={argument}");
    }
    println!("cargo:rerun-if-changed=plugin.json");
}
