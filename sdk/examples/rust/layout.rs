//! Prints the size of every struct of observerd.rs, and where its members are, as layout.c does of plugin.h.

mod observerd;

use observerd::*;
use std::mem::{size_of, MaybeUninit};
use std::ptr::addr_of;

fn size_of_pointee<T>(_: *const T) -> usize {
    size_of::<T>()
}

macro_rules! layout {
    ($type:ident as $name:literal: $($member:ident),*) => {
        println!("{} {}", $name, size_of::<$type>());
        let value = MaybeUninit::<$type>::uninit();
        let base = value.as_ptr();
        $(
            // Only an address is taken, nothing is read.
            let member = unsafe { addr_of!((*base).$member) };
            println!(
                "{}.{} at {}, {} bytes",
                $name,
                stringify!($member).trim_end_matches('_'),
                member as usize - base as usize,
                size_of_pointee(member)
            );
        )*
    };
}

fn main() {
    layout!(Str as "observerd_str": data, len);
    layout!(Field as "observerd_field": key, value);
    layout!(Host as "observerd_host":
        struct_size, abi_minor, context, log_enabled, log, metric, now_ns, extension);
    layout!(Errors as "observerd_errors": struct_size, reserved, context, add);
    layout!(Binding as "observerd_binding": struct_size, reserved, context, lane_key, batch_key);
    layout!(Item as "observerd_item":
        struct_size, attempt, action, delivery_id, order, event_json, settings_json, trace_parent,
        created_ns);
    layout!(Result as "observerd_result": struct_size, outcome, retry_after_ms, code, message, remote_id);
    layout!(Batch as "observerd_batch":
        struct_size, count, context, items, deadline_ns, cancel_fd, reserved, cancelled, report);
    layout!(Preview as "observerd_preview": struct_size, reserved, context, write);
    layout!(ActionType as "observerd_action_type":
        struct_size, flags, type_, summary, module_schema, action_schema, max_batch,
        max_concurrency, open, bind, start, deliver, stop, unbind, close, probe, preview);
    layout!(Plugin as "observerd_plugin":
        struct_size, abi_minor, min_host_minor, reserved, name, version, description, license,
        vendor, actions, action_count, reserved_2);
}
