/** The database in the log's folder. */
export const LOG_FILE = 'log.db';
