"""Evaluation: how good are the lists, judged by the links that authors wrote themselves?"""
