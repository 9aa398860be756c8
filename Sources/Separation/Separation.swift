// Separation
