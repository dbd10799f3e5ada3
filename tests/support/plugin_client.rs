//! Starts the provider's binary and connects to it like Terraform's Go client: a certificate for one run, the
//! handshake line, gRPC over the socket. Knows nothing about resources.

// Each test target uses only parts of this file.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P521_SHA512,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::SigningKey;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use terraform_provider_defender::wire::go_plugin::grpc_broker_client::GrpcBrokerClient;
use terraform_provider_defender::wire::go_plugin::grpc_controller_client::GrpcControllerClient;
use terraform_provider_defender::wire::go_plugin::grpc_stdio_client::GrpcStdioClient;
use terraform_provider_defender::wire::health::health_client::HealthClient;
use terraform_provider_defender::wire::tfplugin6::get_provider_schema;
use terraform_provider_defender::wire::tfplugin6::provider_client::ProviderClient;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response, Uri};
use tower::util::BoxCloneService;

const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// Far above any expected wait, so that a broken build fails instead of hanging.
const TIMEOUT: Duration = Duration::from_mins(1);

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// The transport of the generated clients.
pub type Channel = BoxCloneService<Request<Body>, Response<hyper::body::Incoming>, hyper::Error>;

/// Key and certificate like those of go-plugin for one run: P-521, self-signed, a CA.
pub struct ClientIdentity {
    certificate: CertificateDer<'static>,
    // Parsed in advance, like Terraform does before it starts a provider.
    key: Arc<dyn SigningKey>,
}

impl ClientIdentity {
    pub fn generate() -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyEncipherment,
            KeyUsagePurpose::KeyAgreement,
            KeyUsagePurpose::KeyCertSign,
        ];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
        Self { certificate: params.self_signed(&key).unwrap().der().clone(), key: signing(&key) }
    }

    /// The text for `PLUGIN_CLIENT_CERT`.
    pub fn pem(&self) -> String {
        let base64 = STANDARD.encode(&self.certificate);
        let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// A client with this certificate, which is not a secret, but a different key.
    pub fn with_another_key(&self) -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
        Self { certificate: self.certificate.clone(), key: signing(&key) }
    }
}

fn signing(key: &KeyPair) -> Arc<dyn SigningKey> {
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap()
}

/// A command with a minimal environment and a private directory for temporary files.
pub struct PluginCommand {
    command: Command,
    scratch: TempDir,
}

impl PluginCommand {
    /// Starts the plugin like a person would, without a cookie.
    pub fn by_hand() -> Self {
        Self::running(env!("CARGO_BIN_EXE_terraform-provider-defender"))
    }

    /// Starts the plugin like Terraform with `TF_DISABLE_PLUGIN_TLS`.
    pub fn without_tls() -> Self {
        Self::by_hand().started_by_terraform()
    }

    /// Starts the plugin like Terraform.
    pub fn with_tls(identity: &ClientIdentity) -> Self {
        Self::without_tls().asking_for_tls(identity)
    }

    /// Runs another program, which starts the plugin.
    pub fn running(program: impl AsRef<OsStr>) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        command.env_clear().env("TMPDIR", scratch.path());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, scratch }
    }

    pub fn started_by_terraform(self) -> Self {
        self.env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
            .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
            .env("PLUGIN_MIN_PORT", "10000")
            .env("PLUGIN_MAX_PORT", "25000")
    }

    pub fn asking_for_tls(self, identity: &ClientIdentity) -> Self {
        self.env("PLUGIN_CLIENT_CERT", identity.pem())
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub fn stdin(mut self, stdin: Stdio) -> Self {
        self.command.stdin(stdin);
        self
    }

    /// Starts the process without waiting for output.
    pub fn spawn(mut self) -> Plugin {
        let mut child = self.command.spawn().expect("the binary starts");
        let stdout = BufReader::new(pipe_of(child.stdout.take().unwrap()));
        let mut stderr = pipe_of(child.stderr.take().unwrap());
        let stderr = tokio::spawn(async move {
            let mut bytes = Vec::new();
            stderr.read_to_end(&mut bytes).await.unwrap();
            bytes
        });
        Plugin { child, stdout, stderr, scratch: self.scratch }
    }

    /// Starts the process and reads the handshake line.
    pub async fn start(self) -> (Plugin, Handshake) {
        let mut plugin = self.spawn();
        let line = plugin.line().await;
        (plugin, Handshake { line })
    }
}

fn pipe_of(output: impl Into<OwnedFd>) -> pipe::Receiver {
    pipe::Receiver::from_owned_fd(output.into()).unwrap()
}

/// A started process. It is killed when dropped.
pub struct Plugin {
    child: Child,
    stdout: BufReader<pipe::Receiver>,
    stderr: JoinHandle<Vec<u8>>,
    scratch: TempDir,
}

/// The exit status and the remaining output of a process.
pub struct Ended {
    pub status: ExitStatus,
    /// Stdout after the lines that were read earlier.
    pub stdout: String,
    pub stderr: String,
    /// The entries left in its directory for temporary files.
    pub left_behind: Vec<String>,
}

impl Plugin {
    /// Reads the next line of stdout, without its line feed.
    pub async fn line(&mut self) -> String {
        let mut line = String::new();
        with_timeout(self.stdout.read_line(&mut line)).await.unwrap();
        line.trim_end_matches('\n').to_owned()
    }

    /// Reads lines of stdout until one contains `text`, and returns it.
    pub async fn line_with(&mut self, text: &str) -> String {
        loop {
            let line = self.line().await;
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Sends a signal by its name: `INT`, `TERM`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(status.unwrap().success());
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The process's directory for temporary files.
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    pub fn close_stdin(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Closes stderr, so that writes to it fail.
    pub async fn close_stderr(&mut self) {
        self.stderr.abort();
        // The pipe is closed only when the task has ended.
        let _ = (&mut self.stderr).await;
        self.stderr = tokio::spawn(async { Vec::new() });
    }

    /// Waits until the process, and any other process with its stdout, ends.
    pub async fn ended(mut self) -> Ended {
        let mut stdout = String::new();
        with_timeout(self.stdout.read_to_string(&mut stdout)).await.unwrap();
        let stderr = with_timeout(&mut self.stderr).await.unwrap();
        let left_behind = self.scratch.path().read_dir().unwrap();
        Ended {
            status: self.child.wait().unwrap(),
            stdout,
            stderr: String::from_utf8(stderr).unwrap(),
            left_behind: left_behind.map(|entry| entry.unwrap().path().display().to_string()).collect(),
        }
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        // Fails if the process has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn with_timeout<F: Future>(work: F) -> F::Output {
    tokio::time::timeout(TIMEOUT, work).await.expect("the plugin does not respond")
}

/// The handshake line.
pub struct Handshake {
    pub line: String,
}

impl Handshake {
    pub fn fields(&self) -> Vec<&str> {
        self.line.split('|').collect()
    }

    pub fn socket(&self) -> &Path {
        Path::new(self.fields()[3])
    }

    fn server_certificate(&self) -> CertificateDer<'static> {
        STANDARD_NO_PAD.decode(self.fields()[5]).unwrap().into()
    }

    /// Connects without TLS.
    pub async fn connect(&self) -> Client {
        connect_plain(self.socket()).await
    }

    /// Connects with TLS, like Terraform.
    pub async fn connect_with_tls(&self, identity: &ClientIdentity) -> Client {
        self.try_tls(Some(identity), &rustls::version::TLS13).await.unwrap()
    }

    /// Connects with one version of TLS. With TLS 1.3, a rejected client learns of it only at its first call.
    pub async fn try_tls(
        &self,
        identity: Option<&ClientIdentity>,
        version: &'static SupportedProtocolVersion,
    ) -> Result<Client, BoxError> {
        let connector =
            TlsConnector::from(Arc::new(client_config(self.server_certificate(), identity, version)));
        let socket = UnixStream::connect(self.socket()).await?;
        let stream = connector.connect(ServerName::try_from("localhost").unwrap(), socket).await?;
        assert_eq!(
            stream.get_ref().1.alpn_protocol(),
            Some(b"h2".as_slice()),
            "newer gRPC clients require it"
        );
        Client::over(stream).await
    }
}

fn client_config(
    server: CertificateDer<'static>,
    identity: Option<&ClientIdentity>,
    version: &'static SupportedProtocolVersion,
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(server).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            // Bypasses the builder, which would reject a key that does not match the certificate.
            let chain = vec![identity.certificate.clone()];
            let certified = rustls::sign::CertifiedKey::new(chain, Arc::clone(&identity.key));
            builder.with_client_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certified)))
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

/// Connects to a socket without TLS, like Terraform in debug mode.
pub async fn connect_plain(socket: &Path) -> Client {
    Client::over(UnixStream::connect(socket).await.unwrap()).await.unwrap()
}

/// A connection. Dropping it aborts the connection.
pub struct Client {
    channel: Channel,
    connection: JoinHandle<()>,
}

impl Client {
    async fn over<S>(stream: S) -> Result<Self, BoxError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
        let (sender, connection) = handshake.await?;
        let connection = tokio::spawn(async move {
            // An error is reported by the pending call.
            let _ = connection.await;
        });
        let channel = tower::service_fn(move |request| sender.clone().send_request(request));
        Ok(Self { channel: BoxCloneService::new(channel), connection })
    }

    /// The transport, for calls that no generated client makes.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    pub fn provider(&self) -> ProviderClient<Channel> {
        ProviderClient::with_origin(self.channel.clone(), origin())
            .max_decoding_message_size(usize::MAX)
            .max_encoding_message_size(usize::MAX)
    }

    pub fn controller(&self) -> GrpcControllerClient<Channel> {
        GrpcControllerClient::with_origin(self.channel.clone(), origin())
    }

    pub fn stdio(&self) -> GrpcStdioClient<Channel> {
        GrpcStdioClient::with_origin(self.channel.clone(), origin())
    }

    pub fn broker(&self) -> GrpcBrokerClient<Channel> {
        GrpcBrokerClient::with_origin(self.channel.clone(), origin())
    }

    pub fn health(&self) -> HealthClient<Channel> {
        HealthClient::with_origin(self.channel.clone(), origin())
    }

    /// The simplest call of the provider.
    pub async fn schema(&self) -> Result<get_provider_schema::Response, Status> {
        let mut provider = self.provider();
        let answer = provider.get_provider_schema(get_provider_schema::Request {});
        with_timeout(answer).await.map(tonic::Response::into_inner)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// Used for `:authority`, which the server ignores.
fn origin() -> Uri {
    Uri::from_static("http://localhost")
}
