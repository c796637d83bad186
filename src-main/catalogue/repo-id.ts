/** What can be the name of a repository at Hugging Face. Pure, and alone in its file: what is loaded first needs it too. */
export const hubAddress = 'https://huggingface.co';

const repoPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}\/[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/;
export const isRepoId = (repo: string): boolean => repoPattern.test(repo) && !repo.includes('..');
