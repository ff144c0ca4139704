import { hearAnswers } from './heard-answers.ts';

// Loaded with --import before a client of a test mesh, which then hears its answers.
hearAnswers(process.env.RANGKIANG_TEST_ANSWERS ?? '');
