//! The C functions of a collector, and what the library exports.

use super::{abi, barrier, from_abi, Call, Collector, Failure, Host, Options, Polled};
use super::{Result, Start, Stream, Streaming};

/// Tables hold pointers, but never change: any thread may read them.
#[repr(transparent)]
pub struct Shared<T>(pub T);
unsafe impl<T> Sync for Shared<T> {}

/// The manifest as an ELF note, which a host reads without loading the library.
#[repr(C, align(4))]
pub struct Note<const SIZE: usize> {
    owner_size: u32,
    manifest_size: u32,
    kind: u32,
    owner: [u8; 8],
    pub manifest: [u8; SIZE],
}
impl<const SIZE: usize> Note<SIZE> {
    /// `SIZE` is one more than the manifest has: a NUL ends it.
    pub const fn new(text: &[u8]) -> Self {
        assert!(SIZE == text.len() + 1);
        let mut manifest = [0; SIZE];
        let mut at = 0;
        while at < text.len() {
            manifest[at] = text[at];
            at += 1;
        }
        Note {
            owner_size: 6,
            manifest_size: SIZE as u32,
            kind: 1,
            owner: *b"UNITY\0\0\0",
            manifest,
        }
    }
}

const fn describe<T: Collector>(name: &'static str, flags: u32) -> abi::Collector {
    abi::Collector {
        struct_size: std::mem::size_of::<abi::Collector>() as u32,
        flags,
        name: abi::Str { ptr: name.as_ptr(), len: name.len() as u64 },
        create: create::<T>,
        destroy: destroy::<T>,
        collect: None,
        stream: None,
        interrupt: None,
        reconfigure: None,
        probe: None,
    }
}
/// `name` must be in the manifest.
pub const fn polled<T: Polled>(name: &'static str) -> abi::Collector {
    let mut table = describe::<T>(name, abi::COLLECTOR_POLLED);
    table.collect = Some(collect::<T>);
    table
}
pub const fn streaming<T: Streaming>(name: &'static str) -> abi::Collector {
    let mut table = describe::<T>(name, abi::COLLECTOR_STREAMING);
    table.stream = Some(stream::<T>);
    table
}

/// Panics are reported to the host; they have nothing to say on its standard error.
#[cfg(not(test))]
fn be_quiet() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| std::panic::set_hook(Box::new(|_| {})));
}
#[cfg(test)]
fn be_quiet() {}

fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes)
        .map_err(|_| Failure::new(abi::E_INVALID, "unity.text", "the host sent no UTF-8"))
}

unsafe extern "C" fn create<T: Collector>(
    host: *mut abi::Host,
    call: *mut abi::Call,
    config: *const abi::Config,
    out: *mut *mut abi::Instance,
) -> abi::Status {
    be_quiet();
    barrier(call, || {
        let options = Options::parse(text(from_abi((*config).json))?)?;
        let start = Start {
            instance_id: text(from_abi((*config).instance_id))?,
            checkpoint: from_abi((*config).checkpoint),
        };
        let made = T::create(Host(host), &options, &start)?;
        *out = Box::into_raw(Box::new(made)) as *mut abi::Instance;
        Ok(abi::OK)
    })
}

unsafe extern "C" fn destroy<T: Collector>(instance: *mut abi::Instance) {
    let instance = Box::from_raw(instance as *mut T);
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(instance)));
}

unsafe extern "C" fn collect<T: Polled>(
    instance: *mut abi::Instance,
    call: *mut abi::Call,
) -> abi::Status {
    barrier(call, || {
        let mut wrapped = Call { raw: call, warned: false };
        (*(instance as *mut T)).collect(&mut wrapped)?;
        Ok(if wrapped.warned { abi::PARTIAL } else { abi::OK })
    })
}

unsafe extern "C" fn stream<T: Streaming>(
    instance: *mut abi::Instance,
    call: *mut abi::Call,
    stream: *mut abi::Stream,
) -> abi::Status {
    barrier(call, || {
        let mut wrapped = Call { raw: call, warned: false };
        (*(instance as *mut T)).stream(&mut wrapped, &Stream(stream))?;
        Ok(if wrapped.is_cancelled() { abi::E_CANCELLED } else { abi::END })
    })
}

/// Takes polled::<Type>("name") or streaming::<Type>("name"), once in a plugin.
#[macro_export]
macro_rules! unity_plugin {
    ($collector:expr) => {
        const UNITY_MANIFEST: &[u8] = include_bytes!("../plugin.json");

        #[used]
        #[link_section = ".note.unity"]
        static UNITY_NOTE: $crate::unity::Note<{ UNITY_MANIFEST.len() + 1 }> =
            $crate::unity::Note::new(UNITY_MANIFEST);

        static UNITY_COLLECTOR: $crate::unity::Shared<$crate::unity::abi::Collector> =
            $crate::unity::Shared($collector);
        static UNITY_COLLECTORS: $crate::unity::Shared<[*const $crate::unity::abi::Collector; 1]> =
            $crate::unity::Shared([&UNITY_COLLECTOR.0]);
        static UNITY_PLUGIN: $crate::unity::Shared<$crate::unity::abi::Plugin> =
            $crate::unity::Shared($crate::unity::abi::Plugin {
                struct_size: std::mem::size_of::<$crate::unity::abi::Plugin>() as u32,
                abi_target: $crate::unity::abi::VERSION,
                abi_min: $crate::unity::abi::VERSION,
                n_collectors: 1,
                collectors: UNITY_COLLECTORS.0.as_ptr(),
                manifest: $crate::unity::abi::Str {
                    ptr: UNITY_NOTE.manifest.as_ptr(),
                    len: UNITY_MANIFEST.len() as u64,
                },
            });

        /// The only symbol that the library exports.
        #[no_mangle]
        pub extern "C" fn unity_plugin_entry_v1(
            _: *const $crate::unity::abi::EntryArgs,
        ) -> *const $crate::unity::abi::Plugin {
            &UNITY_PLUGIN.0
        }
    };
}
