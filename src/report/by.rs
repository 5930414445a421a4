//! What open findings are listed by.

vocabulary! {
    /// What open findings are listed by.
    By {
        /// The person that a finding concerns.
        Person = "person",
        /// The reporting manager of that person.
        Manager = "manager",
        /// The system.
        System = "system",
        /// The control. A finding is listed under each control that its check serves.
        Control = "control",
    }
}
