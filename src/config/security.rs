//! Which browsers and host names may talk to the server: the settings; the decisions are in `http::security`.

/// Which browsers and host names may talk to the server. The default is MLflow's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Security {
    /// `false` lets every request through and adds no header (`--disable-security-middleware`).
    pub enabled: bool,
    /// Host names that requests may be addressed to, `*` standing for any text; empty for MLflow's default,
    /// which is this machine and private addresses.
    pub allowed_hosts: Vec<String>,
    /// Origins of pages that may call the API besides those of this machine, `*` standing for any text.
    pub cors_allowed_origins: Vec<String>,
    /// What pages may show this server in a frame.
    pub frame_options: FrameOptions,
}

/// The `X-Frame-Options` header of every response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FrameOptions {
    /// Pages of this server alone.
    #[default]
    SameOrigin,
    /// No page.
    Deny,
    /// Every page: no header is sent.
    Unrestricted,
}

impl Default for Security {
    fn default() -> Self {
        Self {
            enabled: true,
            allowed_hosts: Vec::new(),
            cors_allowed_origins: Vec::new(),
            frame_options: FrameOptions::default(),
        }
    }
}
