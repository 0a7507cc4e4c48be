//! unity/plugin.h, ABI 1.0, as Rust sees it. Layouts are checked below; nothing here is safe.
#![allow(dead_code)]

use std::os::raw::c_void;

pub type Status = i32;
pub const OK: Status = 0;
pub const PARTIAL: Status = 1; // collect: keep what was emitted, fail() text is a warning
pub const END: Status = 2; // stream: the source is exhausted, do not restart
pub const E_TRANSIENT: Status = -1; // retry with back-off
pub const E_CONFIG: Status = -2; // do not retry until the configuration changes
pub const E_AUTH: Status = -3; // credentials rejected: retry slowly
pub const E_PERMANENT: Status = -4; // the target can never serve this
pub const E_CANCELLED: Status = -5; // returned because the token fired
pub const E_UNSUPPORTED: Status = -6; // optional operation that is not provided
pub const E_TOO_NEW: Status = -7;
pub const E_AGAIN: Status = -8; // stream emit: queue full and wait budget spent
pub const E_NOT_FOUND: Status = -9;
pub const E_DENIED: Status = -10; // not declared in the manifest or not granted
pub const E_INVALID: Status = -11;
pub const E_LIMIT: Status = -12;
pub const E_INTERNAL: Status = -13;

pub const LOG_DEBUG: u32 = 4;
pub const LOG_INFO: u32 = 8;
pub const LOG_WARN: u32 = 12;
pub const LOG_ERROR: u32 = 16;

pub const FORMAT_NDJSON: u32 = 2;
pub const COLLECTOR_POLLED: u32 = 1;
pub const COLLECTOR_STREAMING: u32 = 2;
pub const DATASET_METRICS: u32 = 0;
pub const VERSION: u32 = 65536; // 1.0

/// UTF-8 without a NUL; borrowed until the function returns that it was given to.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    pub ptr: *const u8,
    pub len: u64,
}
pub type Sink = unsafe extern "C" fn(*mut c_void, Str);

#[repr(C)]
pub struct Batch {
    pub struct_size: u32,
    pub dataset: u32,
    pub format: u32,
    pub flags: u32,
    pub data: Str,
    pub n_rows: u64,
    pub time_unix_ns: i64,
    pub checkpoint: Str,
}
#[repr(C)]
pub struct Error {
    pub struct_size: u32,
    pub retry_after_ms: u32,
    pub message: Str,
    pub code: Str,
    pub detail_json: Str,
}

#[repr(C)]
pub struct Host {
    pub api: *const HostApi,
}
#[repr(C)]
pub struct Call {
    pub api: *const CallApi,
}
#[repr(C)]
pub struct Stream {
    pub api: *const StreamApi,
}

#[repr(C)]
pub struct HostApi {
    pub struct_size: u32,
    pub abi: u32,
    pub log: unsafe extern "C" fn(*mut Host, u32, Str, Str),
    pub log_min_level: unsafe extern "C" fn(*mut Host) -> u32,
    pub now_unix_ns: unsafe extern "C" fn(*mut Host) -> i64,
    pub now_mono_ns: unsafe extern "C" fn(*mut Host) -> u64,
    pub dataset_find: unsafe extern "C" fn(*mut Host, Str, *mut u32) -> Status,
    pub secret_get: unsafe extern "C" fn(*mut Host, Str, Sink, *mut c_void) -> Status,
    pub state_get: unsafe extern "C" fn(*mut Host, Str, Sink, *mut c_void) -> Status,
    pub state_put: unsafe extern "C" fn(*mut Host, Str, Str) -> Status,
    pub get_interface: unsafe extern "C" fn(*mut Host, Str) -> *const c_void,
}
#[repr(C)]
pub struct CallApi {
    pub struct_size: u32,
    pub reserved0: u32,
    pub emit: unsafe extern "C" fn(*mut Call, *const Batch) -> Status,
    pub fail: unsafe extern "C" fn(*mut Call, *const Error),
    pub is_cancelled: unsafe extern "C" fn(*mut Call) -> u32,
    pub cancel_fd: unsafe extern "C" fn(*mut Call) -> i32,
    pub deadline_mono_ns: unsafe extern "C" fn(*mut Call) -> u64,
    pub dataset_declare: unsafe extern "C" fn(*mut Call, Str, *mut u32) -> Status,
}
#[repr(C)]
pub struct StreamApi {
    pub struct_size: u32,
    pub reserved0: u32,
    pub emit: unsafe extern "C" fn(*mut Stream, *const Batch, u64) -> Status,
    pub ready: unsafe extern "C" fn(*mut Stream) -> Status,
}

#[repr(C)]
pub struct Config {
    pub struct_size: u32,
    pub reserved0: u32,
    pub instance_id: Str,
    pub json: Str,
    pub checkpoint: Str,
}

/// The plugin's own; the host only carries pointers to it.
pub enum Instance {}

type CreateFn =
    unsafe extern "C" fn(*mut Host, *mut Call, *const Config, *mut *mut Instance) -> Status;

#[repr(C)]
pub struct Collector {
    pub struct_size: u32,
    pub flags: u32,
    pub name: Str,
    pub create: CreateFn,
    pub destroy: unsafe extern "C" fn(*mut Instance),
    pub collect: Option<unsafe extern "C" fn(*mut Instance, *mut Call) -> Status>,
    pub stream: Option<unsafe extern "C" fn(*mut Instance, *mut Call, *mut Stream) -> Status>,
    pub interrupt: Option<unsafe extern "C" fn(*mut Instance)>,
    pub reconfigure: Option<unsafe extern "C" fn(*mut Instance, *mut Call, *const Config) -> Status>,
    pub probe: Option<unsafe extern "C" fn(*mut Instance, *mut Call) -> Status>,
}
#[repr(C)]
pub struct Plugin {
    pub struct_size: u32,
    pub abi_target: u32,
    pub abi_min: u32,
    pub n_collectors: u32,
    pub collectors: *const *const Collector,
    pub manifest: Str,
}
#[repr(C)]
pub struct EntryArgs {
    pub struct_size: u32,
    pub abi: u32,
    pub host_name: Str,
    pub host_version: Str,
}

const _: () = {
    use std::mem::size_of;
    assert!(size_of::<Str>() == 16);
    assert!(size_of::<Batch>() == 64);
    assert!(size_of::<Error>() == 56);
    assert!(size_of::<HostApi>() == 80);
    assert!(size_of::<CallApi>() == 56);
    assert!(size_of::<StreamApi>() == 24);
    assert!(size_of::<Config>() == 56);
    assert!(size_of::<Collector>() == 80);
    assert!(size_of::<Plugin>() == 40);
    assert!(size_of::<EntryArgs>() == 40);
};
