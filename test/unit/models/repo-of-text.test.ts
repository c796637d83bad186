/** What a person types or pastes, and the repository that is meant by it. */
import { describe, expect, test } from 'vitest';
import { isRepoId } from '../../../src-main/catalogue/repo-id.ts';
import { repoOfText } from '../../../src-main/models/repo-of-text.ts';
import { hostileNames } from '../../integration/support/hostile-names.ts';

describe('a repository', () => {
  test.each([
    'org/Name-4bit',
    '  org/Name-4bit\n',
    'https://huggingface.co/org/Name-4bit',
    'http://www.huggingface.co/org/Name-4bit/',
    'huggingface.co/org/Name-4bit/tree/main',
    'https://hf.co/org/Name-4bit?library=mlx#how-to',
    'HTTPS://HuggingFace.co/org/Name-4bit/blob/main/config.json',
  ])('%j', (text) => expect(repoOfText(text)).toBe('org/Name-4bit'));
});

describe('none', () => {
  test.each([
    '',
    'Name-4bit',
    'org/',
    '/Name',
    'org/Name/other',
    'org/../Name',
    'https://huggingface.co/org',
    'https://huggingface.co/datasets/org/Name',
    'https://huggingface.co/spaces/org/Name',
    'datasets/Name',
    'https://huggingface.co.evil.example/org/Name',
    'https://evil.example/huggingface.co/org/Name',
    'https://user@huggingface.co/org/Name',
    'https://huggingface.co:8443/org/Name',
    'file://huggingface.co/org/Name',
    'https://huggingface.co/org/%2e%2e',
    'org/Na me',
    '-org/Name',
    'org/Name\0',
  ])('%j', (text) => expect(repoOfText(text)).toBeNull());

  test('whatever is typed, what comes of it is a name of Hugging Face or nothing', () => {
    for (const text of hostileNames(300)) {
      for (const each of [text, `https://huggingface.co/${text}`, `https://huggingface.co/org/${text}`]) {
        const repo = repoOfText(each);
        expect([each, repo === null || isRepoId(repo)]).toEqual([each, true]);
      }
    }
  });
});
