//! A host for tests: stores in memory, time that stands still, and answers that can be made to
//! fail. A second instance finds the state and the checkpoint of the first, as after a restart.

use super::{abi, from_abi, to_abi};
use std::collections::HashMap;
use std::io::Write;
use std::os::raw::c_void;
use std::os::unix::io::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::Mutex;

#[derive(Default)]
struct Stores {
    secrets: HashMap<String, Vec<u8>>,
    state: HashMap<String, Vec<u8>>,
    checkpoint: Vec<u8>,
    log: Vec<(u32, String)>,
    calls: usize,
    fault: Option<(usize, abi::Status)>,
}

#[repr(C)]
pub struct TestHost {
    base: abi::Host, // first: the handle that the plugin gets leads back here
    stores: Mutex<Stores>,
}

/// What a call came to. What a failed call emitted does not count.
#[derive(Debug, Default)]
pub struct Outcome {
    pub status: abi::Status,
    pub text: String,
    pub message: String,
    pub code: String,
}

impl TestHost {
    pub fn new() -> Box<TestHost> {
        Box::new(TestHost { base: abi::Host { api: &HOST_API }, stores: Mutex::default() })
    }
    pub fn put_secret(&self, name: &str, bytes: &[u8]) {
        self.stores.lock().unwrap().secrets.insert(name.into(), bytes.into());
    }
    pub fn state(&self, key: &str) -> Option<Vec<u8>> {
        self.stores.lock().unwrap().state.get(key).cloned()
    }
    pub fn checkpoint(&self) -> Vec<u8> {
        self.stores.lock().unwrap().checkpoint.clone()
    }
    pub fn log(&self) -> Vec<(u32, String)> {
        self.stores.lock().unwrap().log.clone()
    }
    /// The n-th call that can fail, from 1, answers that status and does nothing.
    pub fn fail_call(&self, n: usize, status: abi::Status) {
        self.stores.lock().unwrap().fault = Some((n, status));
    }
    /// Calls that can fail, so far.
    pub fn calls(&self) -> usize {
        self.stores.lock().unwrap().calls
    }

    fn fault(&self) -> Option<abi::Status> {
        let mut stores = self.stores.lock().unwrap();
        stores.calls += 1;
        let calls = stores.calls;
        stores.fault.filter(|(n, _)| *n == calls).map(|(_, status)| status)
    }
}

/// An instance of a collector; destroyed when it is dropped.
pub struct Instance<'a> {
    host: &'a TestHost,
    collector: &'a abi::Collector,
    raw: *mut abi::Instance,
}

impl<'a> Instance<'a> {
    /// All options must be given: there is no schema here to take defaults from.
    pub fn create(
        host: &'a TestHost,
        collector: &'a abi::Collector,
        options: &str,
    ) -> Result<Instance<'a>, Outcome> {
        let mut call = TestCall::new(host, usize::MAX);
        let mut raw = std::ptr::null_mut();
        let checkpoint = host.checkpoint();
        let config = abi::Config {
            struct_size: std::mem::size_of::<abi::Config>() as u32,
            reserved0: 0,
            instance_id: to_abi(b"test"),
            json: to_abi(options.as_bytes()),
            checkpoint: to_abi(&checkpoint),
        };
        let host_handle = &host.base as *const abi::Host as *mut abi::Host;
        let status =
            unsafe { (collector.create)(host_handle, &mut call.call, &config, &mut raw) };
        if status < 0 {
            return Err(call.end(status));
        }
        assert!(!raw.is_null());
        Ok(Instance { host, collector, raw })
    }
    pub fn collect(&mut self) -> Outcome {
        let mut call = TestCall::new(self.host, usize::MAX);
        let collect = self.collector.collect.expect("not a polled collector");
        let status = unsafe { collect(self.raw, &mut call.call) };
        call.end(status)
    }
    /// Runs stream() until it has emitted that many batches, and cancels it then.
    pub fn stream(&mut self, batches: usize) -> Outcome {
        let mut call = TestCall::new(self.host, batches);
        let stream = self.collector.stream.expect("not a streaming collector");
        let mut handle =
            TestStream { base: abi::Stream { api: &STREAM_API }, call: &mut *call };
        let status = unsafe { stream(self.raw, &mut call.call, &mut handle.base) };
        let mut outcome = call.end(status);
        outcome.text = std::mem::take(&mut call.text); // what was taken counts
        outcome
    }
}
impl Drop for Instance<'_> {
    fn drop(&mut self) {
        unsafe { (self.collector.destroy)(self.raw) }
    }
}

#[repr(C)]
struct TestCall {
    call: abi::Call, // first, as above
    host: *const TestHost,
    text: String,
    checkpoint: Vec<u8>,
    batches_left: usize,
    outcome: Outcome,
    cancelled: bool,
    token: (UnixStream, UnixStream),
}
#[repr(C)]
struct TestStream {
    base: abi::Stream,
    call: *mut TestCall,
}

impl TestCall {
    fn new(host: &TestHost, batches: usize) -> Box<TestCall> {
        Box::new(TestCall {
            call: abi::Call { api: &CALL_API },
            host,
            text: String::new(),
            checkpoint: Vec::new(),
            batches_left: batches,
            outcome: Outcome::default(),
            cancelled: false,
            token: UnixStream::pair().expect("cannot make a pair of sockets"),
        })
    }
    fn take(&mut self, batch: &abi::Batch) -> abi::Status {
        if let Some(status) = unsafe { (*self.host).fault() } {
            return status;
        }
        assert_eq!(batch.struct_size as usize, std::mem::size_of::<abi::Batch>());
        let data = unsafe { from_abi(batch.data) };
        self.text.push_str(std::str::from_utf8(data).expect("records are UTF-8"));
        self.checkpoint = unsafe { from_abi(batch.checkpoint) }.to_vec();
        self.batches_left -= 1;
        if self.batches_left == 0 {
            self.cancelled = true;
            self.token.0.write_all(b"!").expect("cannot fire the token");
        }
        abi::OK
    }
    fn end(&mut self, status: abi::Status) -> Outcome {
        let mut outcome = std::mem::take(&mut self.outcome);
        outcome.status = status;
        let kept = status >= 0 || self.cancelled;
        if kept {
            outcome.text = self.text.clone();
        }
        if kept && !self.checkpoint.is_empty() {
            let host = unsafe { &*self.host };
            host.stores.lock().unwrap().checkpoint = self.checkpoint.clone();
        }
        outcome
    }
}

unsafe fn host<'a>(handle: *mut abi::Host) -> &'a TestHost {
    &*(handle as *const TestHost)
}
unsafe fn call<'a>(handle: *mut abi::Call) -> &'a mut TestCall {
    &mut *(handle as *mut TestCall)
}
unsafe fn text(text: abi::Str) -> String {
    String::from_utf8(from_abi(text).to_vec()).expect("text is UTF-8")
}

unsafe extern "C" fn log(h: *mut abi::Host, level: u32, message: abi::Str, _: abi::Str) {
    host(h).stores.lock().unwrap().log.push((level, text(message)));
}
unsafe extern "C" fn log_min_level(_: *mut abi::Host) -> u32 {
    abi::LOG_DEBUG
}
unsafe extern "C" fn now_unix_ns(_: *mut abi::Host) -> i64 {
    1_750_000_000_000_000_000
}
unsafe extern "C" fn now_mono_ns(_: *mut abi::Host) -> u64 {
    1_000_000_000
}
unsafe extern "C" fn dataset_find(_: *mut abi::Host, _: abi::Str, _: *mut u32) -> abi::Status {
    abi::E_NOT_FOUND
}
unsafe extern "C" fn secret_get(
    h: *mut abi::Host,
    name: abi::Str,
    sink: abi::Sink,
    ctx: *mut c_void,
) -> abi::Status {
    let found = host(h).stores.lock().unwrap().secrets.get(&text(name)).cloned();
    deliver(h, found, sink, ctx)
}
unsafe extern "C" fn state_get(
    h: *mut abi::Host,
    key: abi::Str,
    sink: abi::Sink,
    ctx: *mut c_void,
) -> abi::Status {
    let found = host(h).state(&text(key));
    deliver(h, found, sink, ctx)
}
unsafe fn deliver(
    h: *mut abi::Host,
    found: Option<Vec<u8>>,
    sink: abi::Sink,
    ctx: *mut c_void,
) -> abi::Status {
    match (host(h).fault(), found) {
        (Some(status), _) => status,
        (None, None) => abi::E_NOT_FOUND,
        (None, Some(bytes)) => {
            sink(ctx, to_abi(&bytes));
            abi::OK
        }
    }
}
unsafe extern "C" fn state_put(h: *mut abi::Host, key: abi::Str, value: abi::Str) -> abi::Status {
    if let Some(status) = host(h).fault() {
        return status;
    }
    let mut stores = host(h).stores.lock().unwrap();
    match from_abi(value) {
        b"" => stores.state.remove(&text(key)),
        bytes => stores.state.insert(text(key), bytes.to_vec()),
    };
    abi::OK
}
unsafe extern "C" fn get_interface(_: *mut abi::Host, _: abi::Str) -> *const c_void {
    std::ptr::null()
}

unsafe extern "C" fn emit(c: *mut abi::Call, batch: *const abi::Batch) -> abi::Status {
    call(c).take(&*batch)
}
unsafe extern "C" fn fail(c: *mut abi::Call, error: *const abi::Error) {
    call(c).outcome.message = text((*error).message);
    call(c).outcome.code = text((*error).code);
}
unsafe extern "C" fn is_cancelled(c: *mut abi::Call) -> u32 {
    call(c).cancelled as u32
}
unsafe extern "C" fn cancel_fd(c: *mut abi::Call) -> i32 {
    call(c).token.1.as_raw_fd()
}
unsafe extern "C" fn deadline_mono_ns(_: *mut abi::Call) -> u64 {
    0
}
unsafe extern "C" fn dataset_declare(_: *mut abi::Call, _: abi::Str, _: *mut u32) -> abi::Status {
    abi::E_UNSUPPORTED
}

unsafe extern "C" fn stream_emit(
    s: *mut abi::Stream,
    batch: *const abi::Batch,
    _: u64,
) -> abi::Status {
    (*(*(s as *mut TestStream)).call).take(&*batch)
}
unsafe extern "C" fn stream_ready(s: *mut abi::Stream) -> abi::Status {
    (*(*(*(s as *mut TestStream)).call).host).fault().unwrap_or(abi::OK)
}

static HOST_API: abi::HostApi = abi::HostApi {
    struct_size: std::mem::size_of::<abi::HostApi>() as u32,
    abi: abi::VERSION,
    log,
    log_min_level,
    now_unix_ns,
    now_mono_ns,
    dataset_find,
    secret_get,
    state_get,
    state_put,
    get_interface,
};
static CALL_API: abi::CallApi = abi::CallApi {
    struct_size: std::mem::size_of::<abi::CallApi>() as u32,
    reserved0: 0,
    emit,
    fail,
    is_cancelled,
    cancel_fd,
    deadline_mono_ns,
    dataset_declare,
};
static STREAM_API: abi::StreamApi = abi::StreamApi {
    struct_size: std::mem::size_of::<abi::StreamApi>() as u32,
    reserved0: 0,
    emit: stream_emit,
    ready: stream_ready,
};
