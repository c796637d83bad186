/** `process.platform` as it is on a Mac, for the app under test; Node itself looked at it long before. */
Object.defineProperty(process, 'platform', { value: 'darwin' });
