/**
 * Loaded before a process's own code (`--import`): when the supervisor is gone, even by kill -9, the channel to it closes
 * and the process stops as on SIGTERM. Without this a killed `up` would leave processes that hold its ports.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// The channel alone must not keep a process alive that wants to end.
process.channel?.unref();
