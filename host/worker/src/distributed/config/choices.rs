//! Settings that are one of a few words.

/// `connect.protocol`: the newest form of the group protocol that this worker speaks. The group settles on what all of
/// its members speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectProtocol {
    /// All work is given up at each rebalance.
    Eager,
    /// Only what moves is given up (KIP-415).
    Compatible,
    /// The same, and requests between workers are signed (KIP-507).
    Sessioned,
}

impl ConnectProtocol {
    const ALL: [Self; 3] = [Self::Sessioned, Self::Compatible, Self::Eager];

    /// By the word in the settings, whatever its case.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.word().eq_ignore_ascii_case(word))
    }

    /// By the name under which the group coordinator knows it.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }

    /// By the version that its messages begin with.
    pub fn versioned(version: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.version() == version)
    }

    /// The word in the settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Eager => "eager",
            Self::Compatible => "compatible",
            Self::Sessioned => "sessioned",
        }
    }

    /// The name under which the group coordinator knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eager => "default",
            Self::Compatible => "compatible",
            Self::Sessioned => "sessioned",
        }
    }

    /// What its messages begin with.
    pub fn version(self) -> i16 {
        match self {
            Self::Eager => 0,
            Self::Compatible => 1,
            Self::Sessioned => 2,
        }
    }

    /// What such a worker offers to the group, most wanted first: this one and all older ones.
    pub fn offers(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |protocol| *protocol <= self)
    }
}

/// `exactly.once.source.support` (KIP-618)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExactlyOnce {
    /// Sources write at least once.
    Disabled,
    /// Still so; but the leader writes its topic in transactions, so that other workers can be switched on in turn.
    Preparing,
    /// Sources write exactly once.
    Enabled,
}

impl ExactlyOnce {
    /// By the word in the settings, whatever its case.
    pub fn of(word: &str) -> Option<Self> {
        let all = [("disabled", Self::Disabled), ("preparing", Self::Preparing), ("enabled", Self::Enabled)];
        all.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, found)| found)
    }

    /// The word in the settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Preparing => "preparing",
            Self::Enabled => "enabled",
        }
    }

    /// Whether the leader writes to the config topic with a transactional producer.
    pub fn has_transactional_leader(self) -> bool {
        match self {
            Self::Disabled => false,
            Self::Preparing | Self::Enabled => true,
        }
    }

    /// Whether source tasks write in transactions.
    pub fn is_enabled(self) -> bool {
        self == Self::Enabled
    }
}
