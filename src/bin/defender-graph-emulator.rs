//! The binary of the emulator: the first line on stdout, messages, signals. Everything else is in the library.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use serde_json::Value;
use terraform_provider_defender::emulator::{
    Arguments, Emulator, Options, Semantics, Tenant, TlsOptions, read_json_file,
};

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    let tenant = match &arguments.tenant {
        Some(file) => {
            Tenant::from_file(file, seed).map_err(|error| format!("cannot read the tenant: {error}"))?
        }
        None => Tenant::default(),
    };
    for warning in tenant.warnings() {
        print_error(&format!("warning: {warning}"));
    }
    let semantics = match &arguments.semantics {
        Some(file) => apply(file, |changes| Semantics::for_modules().with_document(changes))
            .map_err(|error| format!("cannot read the semantics: {error}"))?,
        None => Semantics::for_modules(),
    };
    let options = Options {
        listen: arguments.listen,
        latency: arguments.latency,
        page_size: arguments.page_size,
        limits: arguments.limits,
        require_sign_in: arguments.require_sign_in,
        tenant_file: arguments.tenant.clone(),
        semantics,
        tls: arguments.tls.clone().map(|ca_file| TlsOptions { ca_file, names: arguments.tls_name.clone() }),
        seed,
        ..Options::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // Before the first line of output, since a signal may follow it immediately.
        let shutdown = shutdown_signal()?;
        let emulator = Emulator::start(tenant, options)?;
        if let Some(file) = &arguments.faults {
            apply(file, |rules| emulator.faults(rules))
                .map_err(|error| format!("cannot read the faults: {error}"))?;
        }
        if !emulator.address().ip().is_loopback() {
            print_error(warning(arguments.require_sign_in));
        }
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "listening on {}", emulator.base_url())?;
        stdout.flush()?;
        shutdown.await;
        Ok(())
    })
}

/// The warning for an address beyond loopback.
fn warning(require_sign_in: bool) -> &'static str {
    if require_sign_in {
        "warning: listening beyond loopback; test control needs no token, so anyone who can reach the port can change \
         the tenant"
    } else {
        "warning: listening beyond loopback; any token is accepted, so anyone who can reach the port can change the tenant"
    }
}

/// Applies the document in a file. The error names the file and the problem.
fn apply<T>(file: &Path, set: impl Fn(&Value) -> Result<T, String>) -> Result<T, String> {
    let document = read_json_file(file).map_err(|error| error.to_string())?;
    set(&document).map_err(|error| format!("{}: {error}", file.display()))
}

/// Resolves at Ctrl-C or SIGTERM. The handlers are in place when this returns.
#[cfg(unix)]
fn shutdown_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves at Ctrl-C.
#[cfg(windows)]
fn shutdown_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

/// Writes a line to stderr. A closed stderr is no error.
fn print_error(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
